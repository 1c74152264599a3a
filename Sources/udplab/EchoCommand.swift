import ArgumentParser
import Datagrams
import Glibc
import Lab
import Loops
import Reports
import Terminal

struct EchoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo",
        abstract: "Answer every datagram with itself (RFC 862).",
        discussion: """
            Examples:
              udplab echo --port 7788
              udplab echo --port 7788 --bind ::1
              udplab echo --port 0                         a free port, which is printed
              udplab echo --port 7788 --bind 0.0.0.0 --allow 10.0.0.0/8
              udplab echo --port 7788 --on-reset once -v   as fragile as many small servers
              udplab echo --port 7788 --reply-to 127.0.0.1:9999

            Ctrl-C ends it and prints the counts. With --verbose, --on-reset, --socket or \
            --reply-to it answers one datagram at a time; without, in batches.

            A reset is the ICMP error about an answer that met a closed port. An ordinary socket on \
            Linux does not receive it; one with IP_RECVERR does, and its next call fails, to \
            any peer. On Windows every UDP socket behaves so (error 10054).

            Exit codes: 0 ended by Ctrl-C · 99 ended by a reset, according to --on-reset · 75 the \
            address cannot be bound.
            """)

    @OptionGroup var place: ListenOptions
    @OptionGroup var permission: AllowOptions

    @Option(
        help: """
            The reaction to a reset: none (end), once (retry; a second in a row ends it), \
            always (retry), or backoff (retry with pauses from 10 ms to 1 s).
            """)
    var onReset: ResetChoice?

    @Option(
        help: """
            unconnected, the default; or unconnected_recverr, which receives resets, the default \
            with --on-reset.
            """)
    var socket: EchoSocketChoice?

    @Option(
        help: ArgumentHelp(
            "Send every answer to this address instead of the sender: a common fault of servers.",
            valueName: "host:port"))
    var replyTo: String?

    @Flag(name: .shortAndLong, help: "Show every answer, its destination, and every error.")
    var verbose = false

    func validate() throws {
        if let replyTo { try TypedOption.checkTarget(replyTo, "--reply-to") }
    }

    private var isClassic: Bool {
        onReset != nil || socket != nil || replyTo != nil || verbose
    }

    func run() async throws {
        let interruption = Interruption()
        let address = try place.address()
        let allowed = try permission.ranges()
        var status = ExitStatus.passed
        do {
            try interruption.install()
            if isClassic {
                status = try serveOneByOne(address, allowed, interruption)
            } else {
                try serveInBatches(address, allowed, interruption)
            }
        } catch {
            Console.say("udplab: \(error)")
            status = .inconclusive
        }
        throw ExitCode(status.rawValue)
    }

    private func serveInBatches(
        _ address: SocketAddress, _ allowed: [AddressRange], _ interruption: Interruption
    ) throws {
        var server = try EchoServer(address: address, allowed: allowed)
        Console.say("answering on \(server.address); Ctrl-C ends it")
        RefusalText.note(bound: server.address, allowed: server.allowed)
        // Nothing else runs in this program, so its only thread may block.
        defer {
            let counts = server.counts
            sayEnd(
                counts.received, counts.returned, counts.failed, counts.refused, server.drops(),
                server.receiveErrors)
        }
        try server.serve {
            !interruption.isRequested
        } onFirst: { refusal, source in
            Console.say(RefusalText.sentence(refusal, source))
        }
    }

    private func serveOneByOne(
        _ address: SocketAddress, _ allowed: [AddressRange], _ interruption: Interruption
    ) throws -> ExitStatus {
        let kind = socket ?? (onReset == nil ? .unconnected : .unconnectedRecverr)
        let policy = onReset ?? .always
        var server = try ClassicEcho(
            address: address, kind: kind.kind, policy: policy.policy,
            replyTo: try replyTo.map { try TypedTarget.resolve($0) }, allowed: allowed)
        Console.say("answering on \(server.address); Ctrl-C ends it")
        RefusalText.note(bound: server.address, allowed: server.allowed)
        if kind == .unconnected, onReset != nil {
            Console.say("this kind of socket never hears of a reset: --on-reset has no effect")
        }
        let ending: ClassicEcho.Ending
        do {
            defer {
                let counts = server.counts
                sayEnd(
                    counts.received, counts.returned, counts.failed, counts.refused,
                    server.drops(), server.receiveErrors)
            }
            ending = try server.serve {
                !interruption.isRequested
            } show: {
                show($0)
            }
        }
        if kind == .unconnectedRecverr {
            Console.say(
                "resets \(UnitText.count(server.counts.resets)), "
                    + "tried again after \(UnitText.count(server.retries.attempted))")
        }
        guard ending == .endedByPolicy else { return .passed }
        Console.say("ended by a reset, as --on-reset \(policy.rawValue) says")
        return .failed
    }

    private func show(_ event: ClassicEcho.Event) {
        switch event {
        case .returned(let number, let peer, let octets):
            guard verbose else { return }
            let text = DatagramText.beginning(octets, width: 200)
            Console.say("returned the \(Self.ordinal(number)) message to \(peer): \(text)")
        case .refused(let refusal, let source):
            if verbose { Console.say(RefusalText.sentence(refusal, source)) }
        case .failed(let peer, let errno):
            if verbose { Console.say("could not answer \(peer): \(errno)") }
        case .reset(let port, let inRow, let action):
            guard verbose || action == .end else { return }
            let whose = port.map { "\($0)" } ?? "somebody's port"
            let row = inRow == 1 ? "" : ", the \(Self.ordinal(inRow)) in a row"
            Console.say("reset: \(whose) is closed\(row); \(Self.text(action))")
        }
    }

    private static func text(_ action: RetryAction) -> String {
        switch action {
        case .end: "that is the end"
        case .retryNow: "trying again"
        case .retry(let atNs):
            "trying again in \(UnitText.time(ns: Double(max(0, atNs - LinuxClock().nowNs()))))"
        }
    }

    private func sayEnd(
        _ received: Int, _ returned: Int, _ failed: Int, _ refused: RefusalCounts, _ drops: Int?,
        _ receiveErrors: [String: Int]
    ) {
        Console.clearInterrupt()
        Console.say(
            "received \(UnitText.count(received)), returned \(UnitText.count(returned)), "
                + "could not return \(UnitText.count(failed)), "
                + RefusalText.counts(refused)
                + "dropped by a full buffer \(ReceiveText.count(drops))"
                + ReceiveText.errors(receiveErrors))
    }

    /// Returns `1st`, `2nd`, `3rd`, `12th`.
    static func ordinal(_ number: Int) -> String {
        let isTeen = (11...13).contains(number % 100)
        let ending = isTeen ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
        return UnitText.count(number) + ending
    }
}
