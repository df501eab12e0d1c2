-- Says when entries may be taken over, of those that this reader still holds by this delivery.
-- KEYS: stream, tries. ARGV: group, reader, and of each: entry, delivery, for how many milliseconds
-- it is to seem idle, how often it failed or nothing.
local stream, group, reader = KEYS[1], ARGV[1], ARGV[2]
for at = 3, #ARGV, 4 do
  local id, delivery, idle, tries = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local pending = redis.call('XPENDING', stream, group, id, id, 1, reader)[1]
  if pending and pending[4] == tonumber(delivery) then
    redis.call('XCLAIM', stream, group, reader, 0, id, 'IDLE', idle, 'JUSTID')
    if tries ~= '' then
      redis.call('HSET', KEYS[2], id, tries)
    end
  end
end
return redis.status_reply('OK')
