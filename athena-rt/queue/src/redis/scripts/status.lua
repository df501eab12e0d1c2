-- Counts what is in a queue. KEYS: stream, stream of dead letters. ARGV: group. Returns the entries that are
-- not delivered to the group, its pending ones, the dead letters, the id of the oldest entry or '', and the
-- group's consumers.
local stream, dead, group = KEYS[1], KEYS[2], ARGV[1]
local function length(key)
  local count = redis.pcall('XLEN', key)
  return type(count) == 'number' and count or 0
end
local waiting, pending, consumers, oldest = length(stream), 0, 0, ''
local groups = redis.pcall('XINFO', 'GROUPS', stream)
if not groups.err then
  for _, fields in ipairs(groups) do
    local own = {}
    for i = 1, #fields, 2 do
      own[fields[i]] = fields[i + 1]
    end
    if own.name == group then
      pending, consumers = own.pending, own.consumers
      -- The broker loses count of the lag when entries are deleted.
      local counted = own.lag or length(stream) - pending
      local first = #redis.call('XRANGE', stream, '(' .. own['last-delivered-id'], '+', 'COUNT', 1)
      waiting = first > 0 and math.max(first, counted) or 0
    end
  end
end
if waiting + pending > 0 then
  local first = redis.pcall('XRANGE', stream, '-', '+', 'COUNT', 1)
  if not first.err and first[1] then
    oldest = first[1][1]
  end
end
return {waiting, pending, length(dead), oldest, consumers}
