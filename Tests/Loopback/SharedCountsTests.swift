import Datagrams
import Glibc
import Load
import Testing

@testable import Loops

@Suite struct SharedCountsTests {
    @Test("what the lanes of a responder count is read from outside, summed by stream")
    func sums() throws {
        let counts = try SharedCounts(lanes: 2, flows: 3)
        let file = try #require(
            SharedCountsFile(pid: Int(getpid()), descriptor: Int(counts.descriptor)))
        counts.lane(0).flows[0].received = 5
        counts.lane(0).flows[2].received = 7
        counts.lane(1).flows[1].received = 11
        counts.lane(1).flows[1].echoed = 10
        let sums = try #require(file.sums(streams: [2, 1], lanes: 2)).streams
        #expect(sums.map(\.received) == [16, 7])
        #expect(sums.map(\.echoed) == [10, 0])
        #expect(sums.map(\.inHand) == [6, 7])
        // A store is there at once: nothing is copied.
        counts.lane(0).flows[0].received += 1
        #expect(file.sums(streams: [2, 1], lanes: 2)?.streams.first?.received == 17)
    }

    @Test("a receive call that failed is there when the responder is not any more")
    func receiveErrors() throws {
        let counts = try SharedCounts(lanes: 2, flows: 1)
        let file = try #require(
            SharedCountsFile(pid: Int(getpid()), descriptor: Int(counts.descriptor)))
        for lane in 0..<2 {
            var errors = ReceiveErrors(in: counts.lane(lane).receiveErrors)
            _ = errors.add(.noBuffers)
        }
        let killed = try #require(file.sums(streams: [1], lanes: 2))
        #expect(killed.receiveErrors == ["ENOBUFS": 2])
        var result = ResponderResult.empty(streams: 1)
        result.add(killed, drops: 0)
        #expect(result.receiveErrors == ["ENOBUFS": 2])
    }

    @Test(
        "what bounced and what was rejected is in the shared memory as it is in the result",
        arguments: [1, 2])
    func besideFlows(threads: Int) throws {
        var order = ResponderAssignment(
            OwnResponder(.echo, threads: threads, socket: .unconnectedRecverr),
            address: "127.0.0.1:0", runId: Int(SenderThread.runID),
            anchorNs: SenderThread.anchorNs,
            streams: [
                ExpectedStreamOrder(
                    firstSession: Int(ResetTests.stormSession), flows: 1, payloadBytes: 64,
                    firstSequence: 0, timeoutNs: 1_000_000_000, windowCapacity: 1_024,
                    intervalNs: 1_000_000_000, maxIntervals: 1, peersChange: true)
            ])
        order.sharesCounts = true
        let control = LoopControl()
        let job = try ResponderJob(order, control: control)
        let descriptor = try #require(job.ready().countsDescriptor)
        let file = try #require(SharedCountsFile(pid: Int(getpid()), descriptor: descriptor))
        let address = try #require(job.ready().addresses.first)
        let target = try #require(SocketAddress(numeric: address))
        let running = try job.start(startNs: LinuxClock().nowNs()) {}
        #expect(try ResetTests.strike(target, bursts: 25, of: 4) == 100)
        let stranger = try DatagramSocket(family: .ipv4)
        for _ in 0..<5 { TestPeer.send([1], on: stranger.descriptor, to: target) }
        control.stop(drainNs: 0, sent: [[100]])
        for thread in running { thread.join() }
        let result = try job.result()
        let shared = try #require(file.sums(streams: [1], lanes: threads))
        #expect(result.resets.seen == 100)
        #expect(shared.lanes.resets == result.resets)
        #expect(shared.lanes.rejected == result.rejected)
        #expect(shared.lanes.datagrams == 105)
        // As if there had been such a one before it.
        var both = result
        both.add(shared, drops: 0)
        #expect(both.resets.seen == 200)
        #expect(both.resets.retries.attempted == 2 * result.resets.retries.attempted)
        #expect(both.resets.timesNs.count == min(FirstTimes.limit, 2 * result.resets.timesNs.count))
        #expect(both.resets.timesNs == both.resets.timesNs.sorted())
        #expect(both.rejected.short == 10)
        #expect(both.datagrams == 210)
        #expect(both.streams[0].counts.received == 200)
    }

    @Test("counts that are not there, or are not as many, are none and no zeros")
    func absent() throws {
        #expect(SharedCountsFile(pid: Int(getpid()), descriptor: 1 << 20) == nil)
        let counts = try SharedCounts(lanes: 1, flows: 1)
        let file = try #require(
            SharedCountsFile(pid: Int(getpid()), descriptor: Int(counts.descriptor)))
        #expect(file.sums(streams: [1 << 12], lanes: 1) == nil)
    }
}
