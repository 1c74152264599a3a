/// A plan of one scenario, as short as a test can have it: low rates, because a busy machine holds
/// them too, and a tolerance that lets it be busy.
package struct PlanText {
    package var name = "trial"
    package var network = #"{ "kind": "loopback" }"#
    /// Further networks of the scenario, by name.
    package var moreNetworks: [String: String] = [:]
    package var seed: Int?
    /// Other hosts, by name.
    package var hosts: [String: String] = [:]
    /// Nil for a network that has none.
    package var responder: String? = #"{ "behaviour": "echo" }"#
    package var senders: [String]
    package var thresholds: [String] = []
    /// Further keys of the scenario, such as `"repeat": 2`.
    package var keys: [String] = []
    package var tolerance = "100%"
    package var timeout = "500ms"

    package init(senders: [String] = [Self.sender()]) { self.senders = senders }

    package static func sender(
        _ name: String = "probes", rate: String = "20pps", payload: String = "64B",
        length: String = #""duration": "500ms""#, keys: String...
    ) -> String {
        let members =
            [
                "\"name\": \"\(name)\"", "\"rate\": \"\(rate)\"", "\"payload\": \"\(payload)\"",
                length,
            ] + keys
        return "{ \(members.joined(separator: ", ")) }"
    }

    /// One that no test lets come to its end.
    package static let endless = sender(length: #""duration": "120s""#)

    private var networks: [(key: String, value: String)] {
        [("net", network)] + moreNetworks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    package var text: String {
        var scenario = [
            #""name": "short""#,
            "\"networks\": [\(networks.map { "\"\($0.key)\"" }.joined(separator: ", "))]",
            "\"tolerance\": \"\(tolerance)\"",
            "\"timeout\": \"\(timeout)\"", "\"senders\": [ \(senders.joined(separator: ",\n")) ]",
        ]
        if responder != nil { scenario.append(#""responder": "far""#) }
        if !thresholds.isEmpty {
            let texts = thresholds.map { "\"\($0)\"" }
            scenario.append("\"thresholds\": [ \(texts.joined(separator: ", ")) ]")
        }
        scenario += keys
        let responders = responder.map { "\"responders\": { \"far\": \($0) },\n" } ?? ""
        let hosts = hosts.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        return """
            { "plan": 1, "name": "\(name)", \(seed.map { "\"seed\": \($0)," } ?? "")
              "hosts": { \(hosts.joined(separator: ", ")) },
              "networks": { \(networks.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")) },
              \(responders)"scenarios": [ { \(scenario.joined(separator: ",\n")) } ] }

            """
    }
}

extension PlanText {
    /// A program of the user's in the responder's place.
    package static func command(
        _ words: [String], address: String = "127.0.0.1:0", keys: String = ""
    ) -> String {
        let texts = words.map { "\"\($0)\"" }.joined(separator: ", ")
        let more = keys.isEmpty ? "" : ", \(keys)"
        return "{ \"command\": [\(texts)], \"address\": \"\(address)\"\(more) }"
    }
}
