-- Claims entries whose consumer stopped responding, with their deliveries and failures. KEYS:
-- stream, tries. ARGV: group, consumer, lease in milliseconds, cursor, maximum number. Returns the
-- next cursor, and per entry: id, deliveries, failures, fields.
local stream, tries, group = KEYS[1], KEYS[2], ARGV[1]
local claimed = redis.call('XAUTOCLAIM', stream, group, ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5])
local taken = {}
for i, entry in ipairs(claimed[2]) do
  local id = entry[1]
  local pending = redis.call('XPENDING', stream, group, id, id, 1)[1]
  taken[i] = {id, pending[4], tonumber(redis.call('HGET', tries, id) or 0), entry[2]}
end
-- These were deleted from the stream; XAUTOCLAIM has released them.
for _, id in ipairs(claimed[3]) do
  redis.call('HDEL', tries, id)
end
return {claimed[1], taken}
