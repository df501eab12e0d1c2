// Functions of newer C and C++ libraries that the conformance runner needs, implemented with functions
// of older ones. See weaken.py.

#include <cstdlib>
#include <ios>

extern "C" {

// The C23 versions also parse "0b101", which the runner never uses.
long __isoc23_strtol(const char* text, char** end, int base) {
  return std::strtol(text, end, base);
}

long long __isoc23_strtoll(const char* text, char** end, int base) {
  return std::strtoll(text, end, base);
}

unsigned long __isoc23_strtoul(const char* text, char** end, int base) {
  return std::strtoul(text, end, base);
}

unsigned long long __isoc23_strtoull(const char* text, char** end, int base) {
  return std::strtoull(text, end, base);
}

// std::ios_base_library_init(): the standard streams are initialised on first use and never destroyed.
void _ZSt21ios_base_library_initv() {
  static const auto* const streams = new std::ios_base::Init;
  (void)streams;
}
}
