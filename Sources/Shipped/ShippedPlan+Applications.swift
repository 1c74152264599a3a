extension ShippedPlan {
    static let applications = ShippedPlan(
        "applications",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "applications",
          "x-about": "Calls, video, a game, lookups and sensors at once, and the quality of the calls.",
          "networks": {
            "wifi": { "kind": "emulated", "delay": "8ms", "jitter": "3ms", "loss": "1%", "rate": "20Mbit" }
          },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            {
              "name": "calls",
              "networks": ["wifi"],
              "responder": "echo",
              "warm_up": "200ms",
              "senders": [
                { "name": "calls", "profile": "voip-g711", "flows": 4, "duration": "2s", "max_burst": 4 }
              ],
              "thresholds": ["voice.mos >= 3.5"]
            },
            {
              "name": "household",
              "networks": ["wifi"],
              "responder": "echo",
              "warm_up": "200ms",
              "senders": [
                { "name": "calls", "profile": "voip-g711", "flows": 4, "duration": "2s", "max_burst": 4 },
                { "name": "video", "profile": "video-call", "duration": "2s", "max_burst": 4 },
                { "name": "game", "profile": "game-tick-60", "duration": "2s", "max_burst": 4 },
                { "name": "lookups", "profile": "dns-like", "flows": 3, "duration": "2s", "max_burst": 4 },
                {
                  "name": "downloads",
                  "flows": 2,
                  "total_rate": "4Mbit",
                  "rate_of": "ip",
                  "payload": "imix",
                  "schedule": { "model": "on-off", "on": "300ms", "off": "200ms" },
                  "duration": "2s",
                  "max_burst": 8
                }
              ],
              "thresholds": ["loss.ratio < 10%"]
            }
          ]
        }

        """#)
}
