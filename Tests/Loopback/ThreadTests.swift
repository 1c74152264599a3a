import Datagrams
import Glibc
import Load
import Metrics
import Testing

@testable import Loops

/// Several threads of one sender and of one responder, which share a port.
@Suite(.serialized) struct ThreadTests {
    static let orders: [JobRun.Order] = (0..<16).map { number in
        var order = JobRun.Order()
        order.flows = 5
        order.threads = number & 1 == 0 ? 2 : 3
        order.echoes = number & 2 == 0
        order.gso = number & 4 != 0
        order.gro = order.gso
        order.warmUpNs = number & 8 == 0 ? 0 : 50_000_000
        order.countPerFlow = 1_500
        return order
    }

    @Test("threads count everything once, and their figures are merged", arguments: orders)
    func threads(order: JobRun.Order) throws {
        let run = try JobRun(order)
        run.expectExact()
        #expect(Set(run.senderReady.addresses).count == 5)
        #expect(run.responderReady.addresses.count == 1)
        #expect(run.sender.warmUpSentByFlow.count == 5)
        guard order.echoes else { return }
        #expect(run.sender.figures.rttNs?.count == 7_500)
        // Within a flow, never across two: each has one difference fewer than answers.
        #expect(run.sender.figures.ipdvNs.count == 7_500 - 5)
    }

    @Test("S1 a group of threads cannot have a port that somebody has, and nobody joins it")
    func s1() throws {
        for sharing in [false, true] {
            let any = try #require(SocketAddress(numeric: "127.0.0.1:0"))
            let stranger = try DatagramSocket(family: .ipv4)
            if sharing { #expect(stranger.set(.reusePort, to: 1) == nil) }
            try stranger.bind(to: any)
            let taken = try stranger.localAddress()
            let failure = #expect(throws: WorkerFailure.self) {
                try ResponderJob(Self.assignment(at: taken.description), control: LoopControl())
            }
            #expect(failure?.kind == .setUp)
            #expect(failure?.reason.contains("\(taken)") == true)
            #expect(failure?.reason.contains("EADDRINUSE") == true)
        }
        let job = try ResponderJob(
            Self.assignment(at: "127.0.0.1:0"), control: LoopControl())
        let address = try #require(SocketAddress(numeric: job.ready().addresses[0]))
        let late = try DatagramSocket(family: .ipv4)
        #expect(throws: SystemFailure.self) { try late.bind(to: address) }
        #expect(PortUse.sockets(on: address, least: 2) == 2)
    }

    @Test("S5 where the second thread cannot be had the first ends, and the reason is told")
    func s5() throws {
        var order = JobRun.Order()
        order.threads = 2
        for warmUpNs: Int64 in [0, 10_000_000_000] {
            let responder = try ResponderJob(
                Self.assignment(at: "127.0.0.1:0"), control: LoopControl())
            try Self.expectS5 { launch in
                _ = try responder.start(startNs: 0, by: launch) {
                    Issue.record("nothing was finished")
                }
            }
            let sender = try SenderJob(
                Self.senderAssignment(to: responder.ready().addresses[0], warmUpNs: warmUpNs),
                control: LoopControl())
            try Self.expectS5 { launch in
                _ = try sender.start(startNs: LinuxClock().nowNs(), by: launch) {
                    Issue.record("nothing was finished")
                }
            }
        }
    }

    private static func expectS5(_ start: (DataThread.Launch) throws -> Void) throws {
        let ended = ResponderThread.Flag(false)
        var launched = 0
        let failure = #expect(throws: WorkerFailure.self) {
            try start { name, cpu, body throws(SystemFailure) in
                launched += 1
                if launched == 2 {
                    throw SystemFailure("pthread_create", name, .tryAgain, advice: "ulimit -u")
                }
                return try DataThread.start(name: name, cpu: cpu) {
                    body()
                    ended.set()
                }
            }
        }
        #expect(launched == 2)
        #expect(ended.isSet, "the first thread was joined")
        #expect(failure?.kind == .setUp)
        #expect(failure?.reason.contains("pthread_create") == true)
        #expect(failure?.reason.contains("EAGAIN") == true)
    }

    private static func assignment(at address: String) -> ResponderAssignment {
        ResponderAssignment(
            OwnResponder(.echo, receiveBufferBytes: 1 << 20, threads: 2), address: address,
            runId: JobRun.runID, anchorNs: WallTime.anchorNs(), streams: [])
    }

    private static func senderAssignment(to target: String, warmUpNs: Int64) -> SenderAssignment {
        var assignment = SenderAssignment(
            SenderDefinition(
                name: "probes", flows: 4, rate: .perFlow(pps: 100), payloadBytes: 64,
                length: .durationNs(100_000_000_000), threads: 2),
            targets: [target], runId: JobRun.runID, anchorNs: WallTime.anchorNs(),
            timeoutNs: 10_000_000_000, firstSession: 1, windowSlots: 1 << 12)
        assignment.warmUpNs = warmUpNs
        assignment.endsWithLastAnswer = true
        return assignment
    }
}
