extension ShippedPlan {
    static let dnsLookups = ShippedPlan(
        "dns-lookups",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "dns-lookups",
          "x-about": "Lookups at a DNS server, most of names that it was not asked for before. It needs dnsmasq (Debian: dnsmasq-base); put your own server in its place, or a path to one.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": {
            "dnsmasq": {
              "command": [
                "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=",
                "--port={port}", "--listen-address={host}", "--bind-interfaces",
                "--address=/example.test/192.0.2.1",
                "--address=/example.test/2001:db8::1" ] } },
          "scenarios": [
            { "name": "lookups",
              "networks": ["loopback"],
              "responder": "dnsmasq",
              "warm_up": "200ms",
              "tolerance": "10%",
              "senders": [
                { "name": "clients", "flows": 8, "rate": "50pps", "duration": "2s", "max_burst": 4,
                  "request": [
                    { "dns": { "name": "{random:8}.example.test" } },
                    { "dns": { "name": "{random:8}.example.test", "type": "AAAA" } },
                    { "dns": { "name": "www.example.test" } } ] } ],
              "thresholds": [ "loss.ratio < 1%", "ledger.wrong_answer == 0", "rtt.p50 < 100ms" ] },
            { "name": "as-fast-as-it-answers",
              "networks": ["loopback"],
              "responder": "dnsmasq",
              "senders": [
                { "name": "clients", "rate": "max", "window": 100, "duration": "2s",
                  "request": { "dns": { "name": "www.example.test" } } } ],
              "thresholds": [ "ledger.wrong_answer == 0", "throughput.received_pps > 1kpps" ] }
          ]
        }

        """#)
}
