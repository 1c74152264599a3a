extension ShippedPlan {
    static let marks = ShippedPlan(
        "marks",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "marks",
          "x-about": "Voice marked EF beside L4S traffic that starts a second later: what arrives of DSCP, ECN and hop limit, each way for itself.",
          "networks": {
            "loopback": { "kind": "loopback" },
            "wan": { "kind": "emulated", "delay": "5ms" } },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "both-ways",
              "networks": ["loopback", "wan"],
              "responder": "echo",
              "tolerance": "20%",
              "senders": [
                { "name": "voice", "flows": 2, "rate": "50pps", "payload": "160B", "duration": "3s",
                  "dscp": "EF", "ecn": "not-ect" },
                { "name": "scalable", "rate": "200pps", "payload": "1200B", "duration": "2s",
                  "dscp": "AF41", "ecn": "ect1", "ttl": 64, "start_after": "1s" } ],
              "thresholds": [
                "ledger.forward_lost == 0",
                "forward.marks.dscp_changed == 0",
                "forward.marks.ecn_changed == 0",
                "backward.marks.dscp_changed == 0",
                "backward.marks.ce_ratio < 1%" ] }
          ]
        }

        """#)
}
