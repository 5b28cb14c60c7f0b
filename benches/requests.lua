-- Sends one request of many, each customer's or line's once before any twice. FILE has a request's fields on each line.
local requests, at = {}, 0
local kind, seed = os.getenv("KIND"), tonumber(os.getenv("SEED"))
math.randomseed(seed)
for line in io.lines(os.getenv("FILE")) do
  local fields = {}
  for field in line:gmatch("%S+") do fields[#fields + 1] = field end
  requests[#requests + 1] = fields
end
at = math.random(#requests)

local function uuid()
  local function hex(digits) return string.format("%0" .. digits .. "x", math.random(0, 16 ^ digits - 1)) end
  return hex(4) .. hex(4) .. "-" .. hex(4) .. "-4" .. hex(3) .. "-a" .. hex(3) .. "-" .. hex(4) .. hex(4) .. hex(4)
end

local make = {
  account = function(r) return wrk.format("GET", "/account", { Cookie = "sid=" .. r[1], ["Accept-Encoding"] = "gzip" }) end,
  limit_order = function(r)
    return wrk.format("POST", "/order", { Cookie = "sid=" .. r[1], ["Content-Type"] = "application/x-www-form-urlencoded" }, "line=" .. r[2])
  end,
  kit_order = function(r)
    return wrk.format("POST", "/order", { Cookie = "sid=" .. r[1], ["Content-Type"] = "application/x-www-form-urlencoded" }, "line_id=" .. r[2])
  end,
  portal_order = function(r)
    local headers = { Cookie = "sid=" .. r[1], ["Content-Type"] = "application/x-www-form-urlencoded", ["Sec-Fetch-Site"] = "same-origin" }
    local form = "csrf=" .. r[2] .. "&plan=" .. r[4] .. "&price=" .. r[5] .. "&attempt=" .. uuid()
    return wrk.format("POST", "/lines/" .. r[3] .. "/renewals", headers, form)
  end,
}

request = function()
  at = (at + 7919) % #requests -- a prime
  return make[kind](requests[at + 1])
end
