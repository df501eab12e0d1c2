// The functions of newer C and C++ libraries that the conformance runner was linked with, by way of
// those that older ones have. See weaken.py.

#include <cstdlib>
#include <ios>

extern "C" {

// C23's versions also read "0b101", which the runner never gives them.
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

// std::ios_base_library_init(): the standard streams are set up on first use and never torn down.
void _ZSt21ios_base_library_initv() {
  static const auto* const streams = new std::ios_base::Init;
  (void)streams;
}
}
