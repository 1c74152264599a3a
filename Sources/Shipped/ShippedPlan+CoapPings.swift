extension ShippedPlan {
    static let coapPings = ShippedPlan(
        "coap-pings",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "coap-pings",
          "x-about": "Pings of many clients at a CoAP server. It needs libcoap's server (Debian: libcoap3-bin), which answers about four pings a second of one client.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": {
            "libcoap": { "command": ["coap-server-notls", "-A", "{host}", "-p", "{port}"] } },
          "scenarios": [
            { "name": "pings",
              "networks": ["loopback"],
              "responder": "libcoap",
              "tolerance": "10%",
              "senders": [
                { "name": "things", "flows": 100, "rate": "2pps", "duration": "2s", "max_burst": 4,
                  "request": "coap-ping" } ],
              "thresholds": [ "loss.ratio < 1%", "ledger.wrong_answer == 0" ] }
          ]
        }

        """#)
}
