extension ShippedPlan {
    static let bothWays = ShippedPlan(
        "both-ways",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "both-ways",
          "x-about": "A sink that loads back, a service whose answers are larger and take their time, and users who think: load in both directions on one host.",
          "networks": {
            "adsl": { "kind": "emulated",
              "forward": { "delay": "10ms", "rate": "1Mbit", "queue": "64KiB" },
              "backward": { "delay": "10ms", "rate": "8Mbit", "queue": "64KiB" } } },
          "responders": {
            "sink": { "behaviour": "sink" },
            "service": { "behaviour": "echo", "reply_payload": "1200B",
              "reply_delay": { "model": "pareto", "scale": "5ms", "shape": 2.5, "cap": "200ms" } } },
          "scenarios": [
            { "name": "sink-that-loads-back",
              "networks": ["adsl"],
              "directions": ["forward", "backward", "both"],
              "responder": "sink",
              "tolerance": "20%",
              "senders": [
                { "name": "load", "flows": 4, "rate": "50pps", "payload": "400B", "duration": "2s" } ],
              "thresholds": [ "ledger.forward_lost == 0", "delivered.ratio > 70%" ] },
            { "name": "unequal-answers",
              "networks": ["adsl"],
              "responder": "service",
              "tolerance": "20%",
              "senders": [
                { "name": "questions", "flows": 4, "rate": "25pps", "payload": "60B", "duration": "2s" } ],
              "thresholds": [ "ledger.echo_failed == 0", "rtt.p50 > 25ms", "backward.one_way.p50 > 10ms" ] },
            { "name": "users-who-think",
              "networks": ["adsl"],
              "responder": "service",
              "tolerance": "20%",
              "senders": [
                { "name": "users", "flows": 20, "rate": "max", "payload": "60B", "duration": "2s",
                  "think": { "mean": "200ms", "kind": "exponential" } } ],
              "thresholds": [ "ledger.echo_failed == 0", "loss.ratio < 50%" ] }
          ]
        }

        """#)
}
