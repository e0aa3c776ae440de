-- Sends the bodies of a file in turn: its first line is the path, the others are bodies of JSON. Tells the figures as JSON.
--
--     wrk … -s requests.lua URL -- FILE [MILLISECONDS]
--
-- With MILLISECONDS, each connection waits that long on average before it asks, as independent clients do: exponentially distributed.

local requests, turn = {}, 0

function init(args)
   math.randomseed(1)
   local path
   for line in io.lines(args[1]) do
      if path == nil then
         path = line
      else
         requests[#requests + 1] =
            wrk.format("POST", path, { ["Content-Type"] = "application/json" }, line)
      end
   end
   local mean = tonumber(args[2])
   if mean ~= nil then
      function delay()
         return math.floor(-mean * math.log(1 - math.random()) + 0.5)
      end
   end
end

function request()
   turn = turn % #requests + 1
   return requests[turn]
end

function done(summary, latency)
   local failed = 0
   for _, count in pairs(summary.errors) do
      failed = failed + count
   end
   io.write(string.format(
      '\n{"requests":%d,"failed":%d,"refused":%d,"micros":%d,"p50":%d,"p99":%d}\n',
      summary.requests, failed, summary.errors.status, summary.duration, latency:percentile(50), latency:percentile(99)
   ))
end
