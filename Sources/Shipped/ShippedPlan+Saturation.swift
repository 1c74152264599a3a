extension ShippedPlan {
    static let saturation = ShippedPlan(
        "saturation",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "saturation",
          "x-about": "The rate step by step up to more than a link of 4 Mbit/s carries, and the knee of the curve.",
          "networks": {
            "link": { "kind": "emulated", "rate": "4Mbit", "queue": "32KiB", "delay": "5ms" }
          },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            {
              "name": "curve",
              "networks": ["link"],
              "responder": "echo",
              "warm_up": "200ms",
              "senders": [
                {
                  "name": "calls",
                  "flows": 10,
                  "payload": "472B",
                  "schedule": "poisson",
                  "max_burst": 4,
                  "stages": [
                    { "total_rate": "1Mbit", "duration": "1s" },
                    { "total_rate": "2Mbit", "duration": "1s" },
                    { "total_rate": "3Mbit", "duration": "1s" },
                    { "total_rate": "4Mbit", "duration": "1s" },
                    { "total_rate": "5Mbit", "duration": "1s" }
                  ]
                }
              ],
              "thresholds": ["knee.offered_pps >= 500pps"]
            }
          ]
        }

        """#)
}
