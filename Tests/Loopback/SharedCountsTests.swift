import Glibc
import Testing

@testable import Workers

@Suite struct SharedCountsTests {
    @Test("what the lanes of a responder count is read from outside, summed by stream")
    func sums() throws {
        let counts = try SharedCounts(lanes: 2, flows: 3)
        let file = try #require(
            SharedCountsFile(pid: Int(getpid()), descriptor: Int(counts.descriptor)))
        counts.lane(0)[0].received = 5
        counts.lane(0)[2].received = 7
        counts.lane(1)[1].received = 11
        counts.lane(1)[1].echoed = 10
        let sums = try #require(file.sums(streams: [2, 1], lanes: 2))
        #expect(sums.map(\.received) == [16, 7])
        #expect(sums.map(\.echoed) == [10, 0])
        #expect(sums.map(\.inHand) == [6, 7])
        // A store is there at once: nothing is copied.
        counts.lane(0)[0].received += 1
        #expect(file.sums(streams: [2, 1], lanes: 2)?.first?.received == 17)
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
