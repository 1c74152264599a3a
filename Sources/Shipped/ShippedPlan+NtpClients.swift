extension ShippedPlan {
    static let ntpClients = ShippedPlan(
        "ntp-clients",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "ntp-clients",
          "x-about": "Many clients of a time server. It needs chrony, whose server does not touch this host's clock here.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": {
            "chrony": {
              "command": [
                "sh", "-c",
                "exec chronyd -n -x -U -u \"$(id -un)\" 'port {port}' 'bindaddress {host}' 'allow' 'local stratum 8' 'cmdport 0' 'bindcmdaddress /' \"pidfile /tmp/udplab-chrony-$$.pid\"" ] } },
          "scenarios": [
            { "name": "clients",
              "networks": ["loopback"],
              "responder": "chrony",
              "tolerance": "10%",
              "senders": [
                { "name": "clocks", "flows": 50, "rate": "8pps", "duration": "2s", "max_burst": 4,
                  "request": "ntp" } ],
              "thresholds": [ "loss.ratio < 1%", "ledger.wrong_answer == 0" ] }
          ]
        }

        """#)
}
