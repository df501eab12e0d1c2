-- Stores envelopes, one per id. KEYS: stream, ids, ids:old. ARGV: the minimum number of seconds for
-- which an id is remembered, and per envelope: id or an empty string, number of fields, the fields.
-- Returns how many were stored.
local stream, ids, old = KEYS[1], KEYS[2], KEYS[3]
local is = redis.call('TYPE', stream).ok
if is == 'none' then
  -- Deleting a stream is a fresh start.
  redis.call('UNLINK', ids, old)
  -- It exists as soon as it is opened. A server that is out of memory makes it with the first envelope.
  if #ARGV == 1 then
    local first = redis.pcall('XADD', stream, '*', 'athena', '')
    if type(first) == 'string' then
      redis.call('XDEL', stream, first)
    end
  end
elseif is ~= 'stream' then
  return redis.error_reply('WRONGTYPE key ' .. stream .. ' is a ' .. is .. ', not a stream')
end

-- Ids are in two sets, each filled for one period and kept for two. The additional hour lets the
-- old one go by UNLINK, in the background, and not by expiry, which would block the broker.
local time = tonumber(ARGV[1])
local left = redis.call('TTL', ids)
if left >= 0 and left < time + 3600 then
  redis.call('UNLINK', old)
  redis.call('RENAME', ids, old)
end
local has_old = redis.call('EXISTS', old) == 1

local stored = 0
local at = 2
while at <= #ARGV do
  local id, words = ARGV[at], tonumber(ARGV[at + 1])
  local is_there = id ~= '' and (redis.call('SISMEMBER', ids, id) == 1
    or (has_old and redis.call('SISMEMBER', old, id) == 1))
  if not is_there then
    redis.call('XADD', stream, '*', unpack(ARGV, at + 2, at + 1 + words))
    if id ~= '' then
      redis.call('SADD', ids, id)
    end
    stored = stored + 1
  end
  at = at + 2 + words
end
if redis.call('TTL', ids) == -1 then
  redis.call('EXPIRE', ids, 2 * time + 3600)
end
return stored
