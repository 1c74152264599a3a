import Datagrams
import Testing

@testable import udplab_bench

@Suite struct RawLoopTests {
    @Test(arguments: [64, 1_400], [false, true])
    func theOneWayLoopCountsWhatArrives(payloadBytes: Int, isOffloaded: Bool) throws {
        let (near, far) = try run(payloadBytes, isOffloaded: isOffloaded, echoes: false)
        #expect(near.sent > 0)
        #expect(near.received == 0)
        // A slow receiver may lose some, and none comes twice.
        #expect(far.received > 0)
        #expect(far.received <= near.sent)
    }

    @Test(arguments: [64, 1_400], [false, true])
    func theEchoLoopGetsBackWhatItSent(payloadBytes: Int, isOffloaded: Bool) throws {
        let (near, far) = try run(payloadBytes, isOffloaded: isOffloaded, echoes: true)
        #expect(near.received > 0)
        #expect(near.received <= near.sent)
        #expect(near.received <= far.received)
    }

    private func run(
        _ payloadBytes: Int, isOffloaded: Bool, echoes: Bool
    ) throws -> (near: RawFigures, far: RawFigures) {
        let traffic = Traffic(
            direction: echoes ? .echo : .oneWay, payloadBytes: payloadBytes,
            isOffloaded: isOffloaded)
        let load = RawLoad(
            payloadBytes: payloadBytes, segments: traffic.segments, echoes: echoes, cpu: nil)
        let responder = try RawResponder(load)
        let port = try responder.start()
        let target = try #require(SocketAddress(numericHost: LoopbackPort.host, port: port))
        let near = try RawSender(load, target: target, durationNs: 20_000_000).run()
        return (near, responder.finish())
    }

    @Test func theLinesOfARawProcessAreReadBack() throws {
        let figures = RawFigures(sent: 5, received: 4, elapsedNs: 3, cpuSeconds: 0.25)
        let output = "a complaint\n" + (try RawFigures(port: 7).line()) + "\n"
        let lines = try RawFigures.lines(in: output + figures.line() + "\n")
        #expect(lines == [RawFigures(port: 7), figures])
    }

    @Test func bothProcessesOfARawLegMakeOneFigure() {
        let near = RawFigures(sent: 1_000, received: 700, elapsedNs: 500_000_000, cpuSeconds: 1)
        let far = RawFigures(sent: 0, received: 800, elapsedNs: 0, cpuSeconds: 3)
        let oneWay = RawLeg.combine(near: near, far: far, .oneWay)
        #expect(oneWay.sentPps == 2_000)
        #expect(oneWay.receivedPps == 1_600)
        #expect(oneWay.lossRatio == 0.2)
        #expect(oneWay.cpuSecondsPerMillion == 5_000)
        let echo = RawLeg.combine(near: near, far: far, .echo)
        #expect(echo.receivedPps == 1_400)
        #expect(echo.lossRatio == 0.3)
    }
}
