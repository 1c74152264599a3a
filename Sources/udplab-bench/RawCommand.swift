import ArgumentParser
import Datagrams
import Glibc

/// A process of a raw leg, as a worker is one of a run.
struct RawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "raw", abstract: "A loop without any accounting.", shouldDisplay: false)

    @Argument var role: RawRole
    @Option var payload: Int
    @Option var segments = 1
    @Option var seconds = 2
    @Option var cpu: Int?
    @Option var target: String?
    /// The rate of the sender; without it the maximum.
    @Option var pps: Int?
    @Flag var echo = false
    /// Whether the relay measures its own delay.
    @Flag var delay = false

    func validate() throws {
        guard (1...65_507).contains(payload), (1...128).contains(segments),
            payload * segments <= 65_507
        else { throw ValidationError("a buffer holds 1 to 65507 octets") }
        guard (1...3_600).contains(seconds) else { throw ValidationError("1 to 3600 seconds") }
    }

    func run() throws {
        let load = RawLoad(payloadBytes: payload, segments: segments, echoes: echo, cpu: cpu)
        var figures =
            switch role {
            case .sender: try send(load)
            case .responder: try respond(load)
            case .relay: try relay(load)
            }
        figures.cpuSeconds = ProcessControl.usage().cpuSeconds
        OutputFile.result(try figures.line())
    }

    private func send(_ load: RawLoad) throws -> RawFigures {
        try RawSender(
            load, target: try targetAddress(), durationNs: Int64(seconds) * 1_000_000_000,
            pps: pps
        ).run()
    }

    private func targetAddress() throws -> SocketAddress {
        guard let target = target.flatMap(SocketAddress.init(numeric:)), target.isLoopback else {
            throw ValidationError("--target needs an address of this host")
        }
        return target
    }

    private func relay(_ load: RawLoad) throws -> RawFigures {
        let relay = try RawRelay(load, target: try targetAddress(), measuresDelay: delay)
        try untilTerminated { try relay.start() }
        return relay.finish()
    }

    private func respond(_ load: RawLoad) throws -> RawFigures {
        let responder = try RawResponder(load)
        try untilTerminated { try responder.start() }
        return responder.finish()
    }

    /// Starts a program with a port, prints the port, and waits for SIGTERM.
    private func untilTerminated(_ start: () throws -> UInt16) throws {
        // Blocked before the data thread is made, so that only the wait below receives it.
        var terminate = sigset_t()
        sigemptyset(&terminate)
        sigaddset(&terminate, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &terminate, nil)
        OutputFile.result(try RawFigures(port: Int(start())).line())
        var signal: Int32 = 0
        sigwait(&terminate, &signal)
    }
}

extension RawRole: ExpressibleByArgument {}
