extension ShippedPlan {
    static let capacity = ShippedPlan(
        "capacity",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "capacity",
          "seed": 1,
          "x-about": "How much a path carries: searches for the rate of a 20 Mbit/s link, of udplab's relay and of the kernel's queue, by trials and by a load that is adjusted.",
          "networks": {
            "relay": { "kind": "emulated", "forward": { "rate": "20Mbit", "queue": "64KiB", "delay": "5ms" } },
            "kernel": { "kind": "namespace", "forward": { "rate": "20Mbit", "queue": "64KiB" }, "when_unavailable": "skip" }
          },
          "responders": { "echo": { "behaviour": "echo" }, "sink": { "behaviour": "sink" } },
          "scenarios": [
            { "name": "capacity",
              "networks": ["relay"],
              "responder": "echo",
              "search": { "kind": "zero-loss" },
              "senders": [
                { "name": "load", "rate": "40Mbit", "payload": "1200B", "duration": "2s", "max_burst": 16 } ],
              "thresholds": [
                "search.ip_bits_per_second > 19.6Mbit",
                "search.ip_bits_per_second < 20.1Mbit" ] },
            { "name": "capacity-of-tbf",
              "networks": ["kernel"],
              "responder": "echo",
              "search": { "kind": "zero-loss" },
              "senders": [
                { "name": "load", "rate": "40Mbit", "payload": "1200B", "duration": "2s", "max_burst": 16 } ],
              "thresholds": [
                "search.frame_bits_per_second > 19.6Mbit",
                "search.frame_bits_per_second < 20.1Mbit" ] },
            { "name": "with-little-loss",
              "networks": ["relay"],
              "responder": "echo",
              "search": { "kind": "threshold", "precision": "2%", "from": "1Mbit" },
              "senders": [
                { "name": "load", "rate": "40Mbit", "payload": "1200B", "duration": "2s", "max_burst": 16 } ],
              "thresholds": [
                "rtt.p99 < 25ms",
                "loss.ratio < 1%",
                "search.ip_bits_per_second > 18Mbit" ] },
            { "name": "adjusted",
              "networks": ["relay"],
              "responder": "sink",
              "search": { "kind": "rfc9097" },
              "senders": [
                { "name": "load", "rate": "100Mbit", "payload": "1200B", "duration": "5s", "max_burst": 16 } ],
              "thresholds": [
                "search.ip_bits_per_second > 19Mbit",
                "search.ip_bits_per_second < 20.6Mbit" ] }
          ]
        }

        """#)
}
