/**
 * The steps of a directory in Redis, in Lua: Redis runs each whole, and its clock alone tells whether a lease stands. Keys, all with the prefix as their
 * hash tag, so that they are on one node of a Redis Cluster:
 *
 * - `leases`: a sorted set, until when the lease of each node stands (milliseconds since 1970). A node whose lease is over stays in it for a while, so
 *   that its name cannot enrol again.
 * - `entry:<key>`: a hash of `home`, `fence`, `record`, `birth` and `aliases` (packed), which Redis forgets after `keepMs`.
 * - `alias:<alias>`: the birth and the key of its entry: a later entry of the same key is another.
 * - `began`: when the directory began with nothing in it. `births`: counts entries.
 */
import { createHash } from "node:crypto";
import { MAX_ALIASES, NAME_KEPT_LEASES } from "../directory-limits.ts";

/** What every script is called with before its own arguments: KEYS are `leases`, `began`, `births` and entries; ARGV tag, leaseMs, keepMs. */
const COMMON = `
local LEASES, BEGAN, BIRTHS = KEYS[1], KEYS[2], KEYS[3]
local TAG, LEASE_MS, KEEP_MS = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function whole(number) return string.format('%.0f', number) end

local function stands(node)
  local untilMs = redis.call('ZSCORE', LEASES, node)
  return untilMs and tonumber(untilMs) > now
end

local function prolong(node) redis.call('ZADD', LEASES, whole(now + LEASE_MS), node) end

local function tidy()
  redis.call('SET', BEGAN, whole(now), 'NX')
  redis.call('ZREMRANGEBYSCORE', LEASES, '-inf', whole(now - ${NAME_KEPT_LEASES} * LEASE_MS))
end

local function meant(entry, birth) return birth .. ' ' .. string.sub(entry, #TAG + 7) end

local function aliasesOf(entry)
  local packed = redis.call('HGET', entry, 'aliases')
  return packed and cmsgpack.unpack(packed) or {}
end

local function isOf(alias, entry, birth) return redis.call('GET', TAG .. 'alias:' .. alias) == meant(entry, birth) end

local function keep(entry)
  redis.call('PEXPIRE', entry, KEEP_MS)
  local birth = redis.call('HGET', entry, 'birth')
  for _, alias in ipairs(aliasesOf(entry)) do
    if isOf(alias, entry, birth) then redis.call('PEXPIRE', TAG .. 'alias:' .. alias, KEEP_MS) end
  end
end

local function add(entry, node, fence, record)
  redis.call('HSET', entry, 'home', node, 'fence', whole(fence), 'record', record, 'birth', redis.call('INCR', BIRTHS))
  redis.call('PEXPIRE', entry, KEEP_MS)
end

local function seen(entry)
  local found = redis.call('HMGET', entry, 'home', 'fence', 'record')
  if not found[1] then return false end
  return { found[1], found[2], found[3], stands(found[1]) and 1 or 0 }
end

local function owned(entry, node, fence)
  local found = redis.call('HMGET', entry, 'home', 'fence')
  return found[1] == node and found[2] == fence
end

local function moveTo(entry, node)
  redis.call('HSET', entry, 'home', node)
  redis.call('HINCRBY', entry, 'fence', 1)
  keep(entry)
  return seen(entry)
end
`;

export interface RedisScript {
  readonly text: string;
  readonly sha1: string;
}

/** What a script answers where the node has no lease. */
export const NO_LEASE = -1;

export const REDIS_SCRIPTS = {
  /** ARGV: node */
  enrol: script(`
    tidy()
    if redis.call('ZSCORE', LEASES, ARGV[4]) then return 0 end
    prolong(ARGV[4])
    return 1`),
  /** ARGV: node */
  renew: script(`
    tidy()
    if not stands(ARGV[4]) then return 0 end
    prolong(ARGV[4])
    return 1`),
  /** ARGV: node */
  resign: script(`
    if stands(ARGV[4]) then redis.call('ZADD', LEASES, whole(now), ARGV[4]) end
    return 1`),
  nodes: script(`return redis.call('ZRANGEBYSCORE', LEASES, '(' .. whole(now), '+inf')`),
  /** KEYS: entries. ARGV: node, record of each. Answers with the places of those that it has claimed. */
  claim: script(`
    tidy()
    local node, claimed = ARGV[4], {}
    if not stands(node) then return ${NO_LEASE} end
    for place = 4, #KEYS do
      if redis.call('EXISTS', KEYS[place]) == 0 then
        add(KEYS[place], node, 1, ARGV[place + 1])
        claimed[#claimed + 1] = place - 4
      end
    end
    return claimed`),
  /** KEYS: entry */
  find: script(`return seen(KEYS[4])`),
  /** KEYS: entry. ARGV: node, fence */
  takeOver: script(`
    tidy()
    local entry, node, fence = KEYS[4], ARGV[4], ARGV[5]
    if not stands(node) then return ${NO_LEASE} end
    local found = redis.call('HMGET', entry, 'home', 'fence')
    if not found[1] then return false end
    if found[2] ~= fence then return false end
    if stands(found[1]) then return false end
    return moveTo(entry, node)`),
  /** KEYS: entry. ARGV: node, fence, former home, record */
  reclaim: script(`
    tidy()
    local entry, node, fence, formerly, record = KEYS[4], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
    if not stands(node) then return ${NO_LEASE} end
    local found = redis.call('HMGET', entry, 'home', 'fence')
    if not found[1] then
      add(entry, node, tonumber(fence) + 1, record)
      return seen(entry)
    end
    -- The answer to the first of two such calls was lost.
    if found[1] == node and found[2] == whole(tonumber(fence) + 1) then return seen(entry) end
    if found[1] ~= formerly or found[2] ~= fence then return false end
    redis.call('HSET', entry, 'record', record)
    return moveTo(entry, node)`),
  /** KEYS: entry. ARGV: node, fence, record */
  save: script(`
    local entry = KEYS[4]
    if not owned(entry, ARGV[4], ARGV[5]) then return 0 end
    redis.call('HSET', entry, 'record', ARGV[6])
    keep(entry)
    return 1`),
  /** KEYS: entry. ARGV: node, fence */
  release: script(`
    local entry = KEYS[4]
    if not owned(entry, ARGV[4], ARGV[5]) then return 0 end
    local birth = redis.call('HGET', entry, 'birth')
    for _, alias in ipairs(aliasesOf(entry)) do
      if isOf(alias, entry, birth) then redis.call('DEL', TAG .. 'alias:' .. alias) end
    end
    redis.call('DEL', entry)
    return 1`),
  /** KEYS: entry. ARGV: alias */
  alias: script(`
    local entry, alias = KEYS[4], ARGV[4]
    local birth = redis.call('HGET', entry, 'birth')
    if not birth then return 0 end
    local aliases = {}
    for _, other in ipairs(aliasesOf(entry)) do
      if other ~= alias and isOf(other, entry, birth) then aliases[#aliases + 1] = other end
    end
    aliases[#aliases + 1] = alias
    if #aliases > ${MAX_ALIASES} then redis.call('DEL', TAG .. 'alias:' .. table.remove(aliases, 1)) end
    redis.call('HSET', entry, 'aliases', cmsgpack.pack(aliases))
    redis.call('SET', TAG .. 'alias:' .. alias, meant(entry, birth), 'PX', math.max(redis.call('PTTL', entry), 1))
    return 1`),
  /** ARGV: alias, key */
  unalias: script(`
    local name = TAG .. 'alias:' .. ARGV[4]
    local value = redis.call('GET', name)
    if value and string.match(value, '^%d+ (.*)$') == ARGV[5] then redis.call('DEL', name) end
    return 1`),
  /** ARGV: alias */
  resolve: script(`
    local value = redis.call('GET', TAG .. 'alias:' .. ARGV[4])
    if not value then return false end
    local birth, key = string.match(value, '^(%d+) (.*)$')
    return redis.call('HGET', TAG .. 'entry:' .. key, 'birth') == birth and key`),
  age: script(`
    tidy()
    return now - tonumber(redis.call('GET', BEGAN))`),
} as const;

export type RedisScriptName = keyof typeof REDIS_SCRIPTS;

function script(body: string): RedisScript {
  const text = `${COMMON}\n${body}`;
  // Redis calls a script by this digest of its text.
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
}
