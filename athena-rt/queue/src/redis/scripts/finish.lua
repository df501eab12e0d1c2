-- Acknowledges entries, and stores the envelopes of those that nobody else had acknowledged. KEYS:
-- stream, tries, destination (optional). ARGV: group, and per entry: id, number of fields of its
-- envelope (0: nothing is stored), the fields. Returns how many nobody else had acknowledged.
local stream, tries, destination, group = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
local groups = redis.pcall('XINFO', 'GROUPS', stream)
if groups.err then
  -- The stream is gone.
  return 0
end
-- A write that changes nothing. Behind one, a server that is out of memory stores outcomes too.
redis.call('HDEL', tries, '')

-- What the error of an XADD means for the user.
local function explain(reason)
  local is = redis.call('TYPE', destination).ok
  if is ~= 'none' and is ~= 'stream' then
    return 'WRONGTYPE key ' .. destination .. ' is a ' .. is .. ', not a stream'
  end
  for _, text in ipairs({'NOPERM', 'ACL failure', 'The user executing'}) do
    if reason:find(text, 1, true) then
      return 'NOPERM XADD to ' .. destination .. ' is not allowed'
    end
  end
  if reason:find('last possible', 1, true) or reason:find('equal or smaller', 1, true) then
    return 'ERR the stream ' .. destination .. ' has an entry with the last possible id, so nothing can be added'
  end
  return reason
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

-- A script is not rolled back: an outcome is stored first, and only if its entry is pending, so that XACK
-- acknowledges it.
local finished, unwanted, failure = {}, {}, nil
local at = 2
while at <= #ARGV do
  local id, words = ARGV[at], tonumber(ARGV[at + 1])
  local is_stored = true
  if words > 0 then
    is_stored = #redis.call('XPENDING', stream, group, id, id, 1) > 0
    if is_stored then
      local added = redis.pcall('XADD', destination, '*', unpack(ARGV, at + 2, at + 1 + words))
      if added.err then
        failure = explain(added.err)
        break
      end
    end
  end
  if is_stored and redis.call('XACK', stream, group, id) == 1 then
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
if failure then
  return redis.error_reply(failure)
end
return #finished
