-- One kilobyte of clean chat per request, as the OpenAI SDK sends it. BENCH_RATE, when set, spreads
-- the requests of each connection so that all of them together come at about that many per second.
local prose = "Please read the minutes of the last meeting and say what was decided on it. "
local content = string.rep(prose, 12):sub(1, 900)
wrk.method = "POST"
wrk.body = '{"model":"demo-1","messages":[{"role":"system","content":"You are brief."},'
  .. '{"role":"user","content":"' .. content .. '"}],"temperature":0.2}'
wrk.headers["content-type"] = "application/json"
for name, value in string.gmatch(os.getenv("BENCH_HEADERS") or "", "([^=\n]+)=([^\n]+)") do
  wrk.headers[name] = value
end

local rate = tonumber(os.getenv("BENCH_RATE") or "")
local connections = tonumber(os.getenv("BENCH_CONNECTIONS") or "1")
if rate then
  local mean_ms = 1000 * connections / rate
  function delay()
    return math.floor(math.random() * 2 * mean_ms + 0.5)
  end
end

function done(summary, latency)
  local errors = summary.errors
  local bad = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("BENCH %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), bad))
end
