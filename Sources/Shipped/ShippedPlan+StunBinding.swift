extension ShippedPlan {
    static let stunBinding = ShippedPlan(
        "stun-binding",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "stun-binding",
          "x-about": "Binding requests of many clients at a STUN server. It needs coturn.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": {
            "coturn": {
              "command": [
                "turnserver", "--stun-only", "--no-tcp", "--no-tls", "--no-dtls", "--no-cli", "-n",
                "--log-file=stdout", "--pidfile=/dev/null", "--listening-ip={host}",
                "--listening-port={port}" ] } },
          "scenarios": [
            { "name": "clients",
              "networks": ["loopback"],
              "responder": "coturn",
              "warm_up": "200ms",
              "tolerance": "10%",
              "senders": [
                { "name": "calls", "flows": 20, "rate": "20pps", "duration": "2s", "max_burst": 4,
                  "request": "stun-binding" } ],
              "thresholds": [ "loss.ratio < 1%", "ledger.wrong_answer == 0" ] }
          ]
        }

        """#)
}
