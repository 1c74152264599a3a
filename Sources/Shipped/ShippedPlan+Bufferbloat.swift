extension ShippedPlan {
    static let bufferbloat = ShippedPlan(
        "bufferbloat",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "bufferbloat",
          "seed": 1,
          "x-about": "One rate, two queues, and a little more than fits. The long queue turns the excess into delay first and into loss only when it is full; the short one drops at once and keeps the delay.",
          "networks": {
            "long-queue": { "kind": "emulated", "delay": "10ms", "forward": { "delay": "10ms", "rate": "2Mbit", "queue": "64KiB" } },
            "short-queue": { "kind": "emulated", "delay": "10ms", "forward": { "delay": "10ms", "rate": "2Mbit", "queue": "8KiB" } }
          },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "upload",
              "networks": ["long-queue", "short-queue"],
              "responder": "echo",
              "timeout": "1s",
              "tolerance": "20%",
              "senders": [
                { "name": "upload", "rate": "240pps", "payload": "1250B", "duration": "4s" } ],
              "thresholds": [
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "rtt.max < 600ms",
                "delivered.ratio > 55%" ] }
          ]
        }

        """#)
}
