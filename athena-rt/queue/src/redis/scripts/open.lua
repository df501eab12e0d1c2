-- Creates what a consumer needs, and removes consumers that are gone. KEYS: stream, tries, ids,
-- ids:old, dead, and the outcomes if they are on this server. ARGV: group, the idle time in
-- milliseconds after which a consumer is gone.
local stream, tries, ids, old = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local wanted = {'stream', 'hash', 'set', 'set', 'stream', 'stream'}
for i, key in ipairs(KEYS) do
  local is = redis.call('TYPE', key).ok
  if is ~= 'none' and is ~= wanted[i] then
    return redis.error_reply('WRONGTYPE key ' .. key .. ' is a ' .. is .. ', not a ' .. wanted[i])
  end
end

-- The stream of outcomes exists from now on, as an empty one. A server that is out of memory makes it with
-- the first outcome.
local to = KEYS[6]
if to and redis.call('EXISTS', to) == 0 then
  local first = redis.pcall('XADD', to, '*', 'athena', '')
  if type(first) == 'string' then
    redis.call('XDEL', to, first)
  end
end

-- A server that is out of memory refuses to create a group, also one that is there.
local has_group = false
if redis.call('EXISTS', stream) == 0 then
  -- Deleting a stream is a fresh start.
  redis.call('UNLINK', ids, old)
else
  for _, fields in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    for i = 1, #fields, 2 do
      has_group = has_group or (fields[i] == 'name' and fields[i + 1] == ARGV[1])
    end
  end
end
if not has_group then
  local made = redis.pcall('XGROUP', 'CREATE', stream, ARGV[1], '0', 'MKSTREAM')
  if made.err then
    return made
  end
  redis.call('UNLINK', tries)
end

for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', stream, ARGV[1])) do
  local consumer = {}
  for i = 1, #fields, 2 do
    consumer[fields[i]] = fields[i + 1]
  end
  -- Its pending entries would be deleted with it.
  if consumer.pending == 0 and consumer.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', stream, ARGV[1], consumer.name)
  end
end
return redis.status_reply('OK')
