import ArgumentParser
import Datagrams
import Lab
import Loops
import Reports
import STAMP
import Terminal

extension TimestampFormat: ExpressibleByArgument {}

struct ReflectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reflect",
        abstract: "Answer STAMP test packets (RFC 8762, RFC 8972).",
        discussion: """
            Examples:
              udplab reflect --port 8620
              udplab reflect --bind 0.0.0.0 --allow 10.0.0.0/8     port 862, as root
              udplab reflect --port 8620 --stateful --key secret.key

            A Session-Reflector for anybody's Session-Sender: it answers with its times of receiving \
            and sending and the error of its clock. Packets below 41 B are not answered, so that \
            an answer has at most 1.07 times the bytes of its packet.

            --key is authenticated mode: a packet whose HMAC does not hold is counted, and nothing \
            of it is used. The file has the key on one line, or hex: and its digits; only its owner \
            may have rights to it (chmod 600).

            Ctrl-C ends it and prints the counts.

            Exit codes: 0 ended by Ctrl-C · 75 the address cannot be bound, or the key not read.
            """)

    @Option(help: "The port; 0 picks a free one, which is printed.")
    var port: UInt16 = 862

    @Option(
        help: ArgumentHelp(
            "The address on this host: 0.0.0.0 or :: for all of them.",
            valueName: "address"))
    var bind = "127.0.0.1"

    @OptionGroup var permission: AllowOptions

    @Option(
        help: ArgumentHelp(
            "The file of the key for authenticated mode.", valueName: "file"),
        completion: .file())
    var key: String?

    @Flag(
        help: ArgumentHelp(
            "Number the answers of each session, so that a sender can tell both directions' loss.",
            discussion: """
                A session is a source address with its session identifier. There is place for \
                4,096; a new one beyond is answered when another was silent for 60 s.
                """))
    var stateful = false

    @Option(help: "The format of the timestamps: ntp or ptp.")
    var format = TimestampFormat.ntp

    func validate() throws { _ = try BindAddress.read(bind, port: port) }

    func run() async throws {
        let interruption = Interruption()
        let address = try BindAddress.read(bind, port: port)
        let allowed = try permission.ranges()
        do {
            try interruption.install()
            var server = try ReflectServer(
                address: address, key: try key.map { try KeyFile.key($0) }, format: format,
                isStateful: stateful, allowed: allowed)
            Console.say("reflecting on \(server.address); Ctrl-C ends it")
            RefusalText.note(bound: server.address, allowed: server.allowed)
            // Nothing else runs in this program, so its only thread may block.
            defer {
                Console.clearInterrupt()
                Console.say(
                    summary(
                        server.counts, drops: server.drops(), evicted: server.evicted,
                        errors: server.receiveErrors))
            }
            try server.serve {
                !interruption.isRequested
            } onFirst: { refusal, source in
                Console.say(RefusalText.sentence(refusal, source))
            }
        } catch {
            Console.say("udplab: \(error)")
            throw ExitCode(ExitStatus.inconclusive.rawValue)
        }
    }

    private func summary(
        _ counts: ReflectServer.Counts, drops: Int?, evicted: Int, errors: [String: Int]
    ) -> String {
        var parts = [
            "received \(UnitText.count(counts.received))",
            "reflected \(UnitText.count(counts.reflected))",
            "could not reflect \(UnitText.count(counts.failed))",
            "too short \(UnitText.count(counts.short))",
        ]
        if key != nil { parts.append("wrong HMAC \(UnitText.count(counts.unauthenticated))") }
        if stateful {
            parts.append("sessions without a place \(UnitText.count(counts.withoutPlace))")
            parts.append("sessions forgotten for others \(UnitText.count(evicted))")
        }
        return parts.joined(separator: ", ") + ", " + RefusalText.counts(counts.refused)
            + "dropped by a full buffer \(ReceiveText.count(drops))" + ReceiveText.errors(errors)
    }
}
