import Datagrams
import Glibc
import Synchronization
import Workers

extension Agent {
    private static let chunkBytes = 1 << 16

    /// The name of the process in lists of them, which is that of its first thread.
    package static func nameProcess() { ProcessControl.setName("udplab-agent") }

    /// Serves the runner over the standard streams, and ends with it.
    /// - Parameter version: The version of this program.
    /// - Returns: The exit code: 0, or 70 if there was no thread to read with.
    package static func main(version: String) async -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        // Of the terminal, and of a launcher that goes: the lease decides.
        for number in [SIGINT, SIGHUP] { signal(number, SIG_IGN) }
        let host = LinuxHost()
        let output = AgentOutput()
        let (input, inputEnd) = AsyncStream.makeStream(of: Input.self)
        let agent = Agent(on: host, hello: .here(version: version)) { output.post($0) }
        do {
            _ = try DataThread.start(name: "agent-input", cpu: nil) {
                Self.readLines { inputEnd.yield(Input(line: $0, atNs: host.nowNs())) }
                inputEnd.finish()
            }
        } catch {
            ProcessControl.complain("agent: \(error)")
            return 70
        }
        let writing = Task { await output.write() }
        await agent.serve(input)
        output.finish()
        // What is left is of no use to a runner that is gone, and the stream may be stuck.
        writing.cancel()
        return 0
    }

    /// Reads lines from standard input until its end, or until one is too long.
    private static func readLines(_ take: ([UInt8]) -> Void) {
        var assembler = LineAssembler(limitBytes: AgentProtocol.lineBytesLimit)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 1)
        defer { chunk.deallocate() }
        while true {
            let got = read(STDIN_FILENO, chunk.baseAddress, chunkBytes)
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return }
            let outcome = assembler.take(UnsafeRawBufferPointer(rebasing: chunk[..<got]))
            guard case .lines(let lines) = outcome else { return }
            for line in lines { take(line) }
        }
    }
}

extension AgentHello {
    /// Returns the greeting of this host.
    package static func here(version: String) -> AgentHello {
        let facts = HostFacts.read()
        return AgentHello(
            version: version, build: ProgramDigest.own ?? "unknown",
            host: HostName.own ?? "unknown",
            kernel: facts.kernel ?? "unknown", cpus: facts.cpusAllowed ?? 1,
            rmemMax: facts.rmemMax,
            addresses: HostAddresses.own().filter { !$0.isLoopback }.map(\.host),
            wallClockErrorNs: WallTime.errorNs())
    }
}
