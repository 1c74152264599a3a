import Glibc
import Harness
import JSON
import Testing

/// Two hosts at the ends of a cable: namespaces of the network, the far one with a clock of its
/// own (time_namespaces(7)), and no login between them but nsenter(1).
final class HostRig: Sendable {
    static let isPossible =
        Cable.isPossible
        && system("unshare --time --monotonic 500 --fork --kill-child true 2>/dev/null") == 0
    static let reason: Comment =
        "needs root, ip, tc and util-linux, and leave to make namespaces of network and time"
    /// How far ahead the far host's clock is.
    static let aheadSeconds = 500_000

    let cable: Cable

    init() async throws { cable = try await Cable() }

    /// The words that put the runner onto the near host.
    var near: [String] { ["nsenter", "--net=/run/netns/\(cable.near)"] }

    /// The words that start a program on the far host.
    var launch: [String] {
        let ahead = "\(Self.aheadSeconds)"
        return [
            "unshare", "--time", "--monotonic", ahead, "--boottime", ahead, "--fork",
            "--kill-child", "nsenter", "--net=/run/netns/\(cable.far)",
        ]
    }

    /// The far host in a plan.
    /// - Parameter before: Words in front of the program there.
    func host(
        before: [String] = [], program: String = Program.path, keys: String = ""
    ) -> String {
        let words = (launch + before).map { JSONText.quoted($0) }.joined(separator: ", ")
        let more = keys.isEmpty ? "" : ", \(keys)"
        return
            "{ \"launch\": [\(words)], \"udplab\": \(JSONText.quoted(program)), \"consent\": true\(more) }"
    }

    /// The network between this host and others that are all at the far end of the cable.
    func path(of hosts: [String]) -> String {
        let ends = hosts.map { "\"\($0)\": \"\(Cable.farAddress)\"" }
        return "{ \"kind\": \"path\", \"at\": { \"here\": \"\(Cable.nearAddress)\", "
            + ends.joined(separator: ", ") + " } }"
    }

    /// A plan whose responder is on the far host.
    func plan(_ sender: String = PlanText.sender(), behaviour: String = "echo") -> PlanText {
        var plan = PlanText(senders: [sender])
        plan.hosts = ["b": host()]
        plan.network =
            "{ \"kind\": \"path\", \"at\": { \"here\": \"\(Cable.nearAddress)\", "
            + "\"b\": \"\(Cable.farAddress)\" } }"
        plan.responder = "{ \"behaviour\": \"\(behaviour)\", \"host\": \"b\" }"
        return plan
    }
}

/// Text as a string of JSON.
enum JSONText {
    static func quoted(_ text: String) -> String {
        (try? JSONValue.string(text).text(.compact)) ?? "\"\""
    }
}
