extension ShippedPlan {
    static let reordering = ShippedPlan(
        "reordering",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "reordering",
          "seed": 7,
          "x-about": "Three ways for a datagram to be overtaken. A depth of three and more is what three duplicate acknowledgements take for a loss (RFC 4737 section 5.4).",
          "networks": {
            "straight": { "kind": "emulated", "delay": "5ms" },
            "one-back": { "kind": "emulated", "delay": "5ms", "backward": { "reorder": { "probability": "2%", "depth": 1 } } },
            "four-back": { "kind": "emulated", "delay": "5ms", "backward": { "reorder": { "probability": "2%", "depth": 4 } } },
            "jitter": { "kind": "emulated", "delay": "5ms", "backward": { "jitter": { "amount": "4ms", "keep_order": false } } }
          },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "stream",
              "networks": ["straight", "one-back", "four-back", "jitter"],
              "responder": "echo",
              "repeat": 2,
              "timeout": "500ms",
              "tolerance": "20%",
              "senders": [
                { "name": "video", "rate": "500pps", "payload": "1200B", "duration": "2s" } ],
              "thresholds": [
                "loss.never == 0",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "reordering.n_reordering.max < 50",
                "delivered.ratio > 70%" ] }
          ]
        }

        """#)
}
