import Harness
import Load
import Testing

/// The integral of a rate over time, and its inverse, against sums by hand.
@Suite struct RateProfileTests {
    @Test("a ramp from 0 to 100 pps in 2 s is due by the square of the time")
    func ramp() {
        let profile = RateProfile([.init(lengthNs: 2_000_000_000, fromPps: 0, toPps: 100)])
        #expect(profile.datagrams(byNs: 2e9) == 100)
        #expect(profile.datagrams(byNs: 1e9) == 25)
        #expect(abs(profile.timeNs(ofDatagram: 25) - 1e9) < 10)
        #expect(profile.timeNs(ofDatagram: 0) < 10)
        #expect(profile.peakPps == 100)
        // After its end the last rate holds.
        #expect(profile.datagrams(byNs: 3e9) == 200)
        #expect(abs(profile.timeNs(ofDatagram: 200) - 3e9) < 10)
    }

    @Test("nothing is due while the rate is 0, and the next datagram when it is not any more")
    func onOff() {
        let profile = RateProfile(
            [
                .init(lengthNs: 400_000_000, pps: 50), .init(lengthNs: 600_000_000, pps: 0),
            ], repeats: true)
        for round in 0..<1_000 {
            let start = Double(round) * 1e9
            #expect(abs(profile.timeNs(ofDatagram: Double(round * 20)) - start) < 10, "\(round)")
            let last = profile.timeNs(ofDatagram: Double(round * 20 + 19))
            #expect(abs(last - start - 380e6) < 10, "\(round)")
            #expect(profile.datagrams(byNs: start + 700e6) == Double(round * 20 + 20))
        }
        let silent = RateProfile(
            [.init(lengthNs: 1_000, pps: 1e6), .init(lengthNs: 1_000, pps: 0)])
        #expect(silent.timeNs(ofDatagram: 1) == .infinity)
    }

    @Test("the time of a datagram is the inverse of the number by a time, for any profile")
    func inverse() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            let stretches = (0..<Int.random(in: 1...9, using: &random)).map { _ in
                RateProfile.Stretch(
                    lengthNs: .random(in: 1_000...5_000_000_000, using: &random),
                    fromPps: .random(in: 0...5, using: &random) * 1_000,
                    toPps: .random(in: 0...5, using: &random) * 1_000)
            }
            let profile = RateProfile(stretches, repeats: .random(using: &random))
            var before = -1.0
            for number in 0..<200 {
                let time = profile.timeNs(ofDatagram: Double(number) * 7)
                #expect(time >= before, "\(profile) \(number)")
                before = time
                let due = profile.datagrams(byNs: time)
                #expect(abs(due - Double(number) * 7) < 1e-3, "\(profile) \(number): \(due)")
            }
        }
    }
}
