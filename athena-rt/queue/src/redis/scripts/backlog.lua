-- Counts what is not done: the entries not delivered to the group yet, and its pending ones. KEYS:
-- stream. ARGV: group.
local stream, group = KEYS[1], ARGV[1]
local groups = redis.pcall('XINFO', 'GROUPS', stream)
if not groups.err then
  for _, fields in ipairs(groups) do
    local own = {}
    for i = 1, #fields, 2 do
      own[fields[i]] = fields[i + 1]
    end
    if own.name == group then
      -- The broker loses count of the lag when entries are deleted, so one entry is read.
      local waiting = #redis.call('XRANGE', stream, '(' .. own['last-delivered-id'], '+', 'COUNT', 1)
      if waiting > 0 then
        local counted = own.lag or redis.call('XLEN', stream) - own.pending
        waiting = math.max(waiting, counted)
      end
      return {waiting, own.pending}
    end
  end
end
return redis.error_reply('NOGROUP No such group ' .. group)
