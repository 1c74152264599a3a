extension ShippedPlan {
    static let syslogMessages = ShippedPlan(
        "syslog-messages",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "syslog-messages",
          "x-about": "Messages to a syslog daemon, which answers nothing: how fast they leave, and the daemon's output has what arrived. It needs rsyslog.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": {
            "rsyslog": {
              "command": [
                "sh", "-c",
                "exec rsyslogd -n -C -iNONE -f /dev/fd/3 3<<END\nmodule(load=\"imudp\")\ninput(type=\"imudp\" address=\"{host}\" port=\"{port}\")\naction(type=\"omfile\" file=\"/dev/stdout\")\nEND\n" ] } },
          "scenarios": [
            { "name": "messages",
              "networks": ["loopback"],
              "responder": "rsyslog",
              "tolerance": "10%",
              "senders": [
                { "name": "hosts", "flows": 4, "rate": "50pps", "count": 100, "max_burst": 4,
                  "request": { "syslog": "message {seq} of {run:hex8}" } } ],
              "thresholds": [ "ledger.other_error == 0", "throughput.sent_pps > 1pps" ] }
          ]
        }

        """#)
}
