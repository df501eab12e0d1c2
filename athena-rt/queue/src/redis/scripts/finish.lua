-- Acknowledges entries, and stores the envelopes of those that nobody else had acknowledged. KEYS:
-- stream, tries, destination (optional). ARGV: group, and per entry: id, number of fields of its
-- envelope (0: nothing is stored), the fields. Returns how many nobody else had acknowledged.
local stream, tries, destination, group = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
local groups = redis.pcall('XINFO', 'GROUPS', stream)
if groups.err then
  -- The stream is gone.
  return 0
end
-- Nothing may fail between XACK and XADD: a script is not rolled back.
if destination then
  local is = redis.call('TYPE', destination).ok
  if is ~= 'none' and is ~= 'stream' then
    return redis.error_reply('WRONGTYPE key ' .. destination .. ' is a ' .. is .. ', not a stream')
  end
  -- An XADD that stores nothing, for its error: whether this user may store.
  local tried = redis.pcall('XADD', destination, 'none', 'data', '')
  for _, reason in ipairs({'NOPERM', 'ACL failure', 'The user executing'}) do
    if tried.err and tried.err:find(reason, 1, true) then
      return redis.error_reply('NOPERM XADD to ' .. destination .. ' is not allowed')
    end
  end
  if is == 'stream' then
    local info = redis.call('XINFO', 'STREAM', destination)
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' and info[i + 1]:find('18446744073709551615-', 1, true) then
        return redis.error_reply('ERR the stream ' .. destination .. ' has an entry with the last possible id, so nothing can be added')
      end
    end
  end
end

local others = {}
for _, fields in ipairs(groups) do
  local other = {}
  for i = 1, #fields, 2 do
    other[fields[i]] = fields[i + 1]
  end
  if other.name ~= group then
    others[#others + 1] = other
  end
end

-- Compares decimals as text: numbers of Lua are exact up to 2^53 only, ids up to 2^64.
local function is_less(one, two)
  if #one ~= #two then
    return #one < #two
  end
  return one < two
end

local function is_before(one, two)
  local first, second = one:match('(%d+)%-(%d+)')
  local third, fourth = two:match('(%d+)%-(%d+)')
  return is_less(first, third) or (first == third and is_less(second, fourth))
end

-- An entry stays while another group has not received it or has it pending.
local function is_wanted(id)
  for _, other in ipairs(others) do
    if is_before(other['last-delivered-id'], id)
        or #redis.call('XPENDING', stream, other.name, id, id, 1) > 0 then
      return true
    end
  end
  return false
end

local finished, unwanted = {}, {}
local at = 2
while at <= #ARGV do
  local id, words = ARGV[at], tonumber(ARGV[at + 1])
  if redis.call('XACK', stream, group, id) == 1 then
    if words > 0 then
      redis.call('XADD', destination, '*', unpack(ARGV, at + 2, at + 1 + words))
    end
    finished[#finished + 1] = id
    if not is_wanted(id) then
      unwanted[#unwanted + 1] = id
    end
  end
  at = at + 2 + words
end
if #finished > 0 then
  redis.call('HDEL', tries, unpack(finished))
end
if #unwanted > 0 then
  redis.call('XDEL', stream, unpack(unwanted))
end
return #finished
