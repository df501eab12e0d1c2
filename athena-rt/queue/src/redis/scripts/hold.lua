-- Sets when entries may be claimed, if this consumer still holds them by this delivery. KEYS:
-- stream, tries. ARGV: group, consumer, and per entry: id, delivery, its new idle time in
-- milliseconds, its failure count or an empty string.
local stream, group, consumer = KEYS[1], ARGV[1], ARGV[2]
for at = 3, #ARGV, 4 do
  local id, delivery, idle, tries = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local pending = redis.call('XPENDING', stream, group, id, id, 1, consumer)[1]
  if pending and pending[4] == tonumber(delivery) then
    redis.call('XCLAIM', stream, group, consumer, 0, id, 'IDLE', idle, 'JUSTID')
    if tries ~= '' then
      redis.call('HSET', KEYS[2], id, tries)
    end
  end
end
return redis.status_reply('OK')
