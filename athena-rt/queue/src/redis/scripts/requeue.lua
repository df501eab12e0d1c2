-- Moves dead letters back to their queue. KEYS: stream of dead letters, stream. ARGV per letter: id, number
-- of fields of its message, the fields. A letter that is gone is skipped.
local dead, stream = KEYS[1], KEYS[2]
-- Nothing may fail between XADD and XDEL: a script is not rolled back.
local is = redis.call('TYPE', stream).ok
if is ~= 'none' and is ~= 'stream' then
  return redis.error_reply('WRONGTYPE key ' .. stream .. ' is a ' .. is .. ', not a stream')
end
local at = 1
while at <= #ARGV do
  local id, words = ARGV[at], tonumber(ARGV[at + 1])
  if #redis.call('XRANGE', dead, id, id) > 0 then
    redis.call('XADD', stream, '*', unpack(ARGV, at + 2, at + 1 + words))
    redis.call('XDEL', dead, id)
  end
  at = at + 2 + words
end
