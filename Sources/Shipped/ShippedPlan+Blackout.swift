extension ShippedPlan {
    static let blackout = ShippedPlan(
        "blackout",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "blackout",
          "seed": 1,
          "x-about": "Half a second of silence, and half a second of a closed port: the first is loss in one burst, the second comes back as resets at once.",
          "networks": {
            "silence": { "kind": "emulated", "delay": "5ms", "forward": { "delay": "5ms", "blackhole": { "from": "1s", "until": "1500ms" } } },
            "closed": { "kind": "emulated", "delay": "5ms", "forward": { "delay": "5ms", "refuse": { "from": "1s", "until": "1500ms" } } }
          },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "readings",
              "networks": ["silence", "closed"],
              "responder": "echo",
              "timeout": "500ms",
              "tolerance": "20%",
              "senders": [
                { "name": "readings", "flows": 4, "rate": "100pps", "payload": "64B", "duration": "3s" } ],
              "thresholds": [
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "loss.ratio < 25%",
                "delivered.ratio > 50%" ] }
          ]
        }

        """#)
}
