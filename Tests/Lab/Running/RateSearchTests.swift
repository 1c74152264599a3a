import Harness
import Testing

@testable import Lab

/// The search over simulated paths: each has a true rate, a queue that hides loss, a host that
/// carries so much and has moments of trouble, and measurements with errors.
@Suite struct RateSearchTests {
    /// A path as a trial sees it.
    private struct Path {
        var rate: Double
        /// How much of the path's rate its queue holds, in seconds.
        var queueSeconds = 0.03
        var host = Double.infinity
        /// The chances that a trial meets a moment's loss that is not the rate's, or a stall.
        var lossChance = 0.0
        var stallChance = 0.0
        /// The largest relative error of a measured rate.
        var error = 0.0005
        var trialSeconds = 2.0
        var precision = 0.005

        func outcome(
            of trial: RateSearch.Trial, own: Double, _ random: inout Harness.SeededGenerator
        ) -> (RateSearch.Evidence, Double) {
            let asked = trial.pps ?? own
            let sent = min(asked, host)
            let delivered =
                min(sent, rate) * (1 + error * Double.random(in: -1...1, using: &random))
            if asked > host || random.chance(stallChance) { return (.hostLimited, delivered) }
            let seconds = trial.confirms ? 3 * trialSeconds : trialSeconds
            let isLost = (sent - rate) * seconds > queueSeconds * rate
            let grows = (sent - rate) / rate > precision / 4
            if isLost || grows || random.chance(lossChance) { return (.failed, delivered) }
            return (.held, delivered)
        }
    }

    private struct Answer {
        var end: RateSearch.End
        var found: Double?
        var trials: Int
        var last: RateSearch.Trial?
    }

    private func search(
        _ path: Path, ceiling: Double?, floor: Double? = nil, trialsMost: Int = 40,
        repeats: Bool = true, own: Double = 1e6, seed: UInt64
    ) -> Answer {
        var machine = RateSearch(
            RateSearch.Settings(
                ceilingPps: ceiling, floorPps: floor, precision: path.precision,
                trialsMost: trialsMost, repeatsLosses: repeats))
        var random = Harness.SeededGenerator(seed: seed)
        var (trials, last) = (0, RateSearch.Trial?.none)
        while true {
            switch machine.next() {
            case .end(let end, let found):
                return Answer(end: end, found: found, trials: trials, last: last)
            case .trial(let trial):
                trials += 1
                precondition(trials <= trialsMost, "the trials have a bound")
                if let pps = trial.pps, let ceiling { precondition(pps <= ceiling) }
                let (evidence, delivered) = path.outcome(of: trial, own: own, &random)
                machine.take(evidence, of: trial, deliveredPps: delivered)
                last = trial
            }
        }
    }

    @Test func aQuietPathTakesFourTrials() {
        for seed in 0..<200 as Range<UInt64> {
            let answer = search(Path(rate: 1_733), ceiling: 8_000, seed: seed)
            #expect(answer.end == .path, "seed \(seed)")
            #expect(answer.trials <= 4, "seed \(seed): \(answer.trials) trials")
            #expect(answer.last?.confirms == true)
            #expect(abs((answer.found ?? 0) / 1_733 - 1) < 0.005, "seed \(seed)")
        }
    }

    @Test func theAnswerIsWithinThePrecisionOnAnyPath() {
        for seed in 0..<UInt64(Sweep.seeds(3_000, wide: 100_000)) {
            var random = Harness.SeededGenerator(seed: seed &+ 77)
            let precision = [0.002, 0.005, 0.02, 0.1].randomElement(using: &random) ?? 0.005
            var path = Path(rate: Double.random(in: 50...500_000, using: &random))
            path.precision = precision
            path.queueSeconds = [0, 0.01, 0.5, 60].randomElement(using: &random) ?? 0
            path.error = precision / 10
            path.lossChance = random.chance(0.5) ? 0.03 : 0
            path.stallChance = random.chance(0.5) ? 0.05 : 0
            let above = Double.random(in: 1.01...1_000, using: &random)
            let ceiling = random.chance(0.2) ? nil : path.rate * above
            let answer = search(path, ceiling: ceiling, own: path.rate * above, seed: seed)
            switch answer.end {
            case .path:
                let found = (answer.found ?? 0) / path.rate
                // A moment's loss may cost a step or two, and never raises the answer.
                let below = path.lossChance > 0 ? 8 * precision : 1.2 * precision
                #expect(found < 1 + precision / 3, "seed \(seed): \(found)")
                #expect(found > 1 - below, "seed \(seed): \(found) in \(answer.trials)")
            case .budget, .host:
                // Only a moment's trouble can keep a search from its end.
                #expect(path.lossChance + path.stallChance > 0, "seed \(seed)")
            case .plan, .none: Issue.record("seed \(seed): \(answer)")
            }
            #expect(answer.trials <= 40)
        }
    }

    @Test func theHostIsNamedWhereItIsTheLimit() {
        for seed in 0..<500 as Range<UInt64> {
            var path = Path(rate: 1e9)
            path.host = 200_000
            for ceiling in [1e6, 250_000, nil] {
                let answer = search(path, ceiling: ceiling, own: 180_000, seed: seed)
                #expect(answer.end == .host, "seed \(seed), \(String(describing: ceiling))")
                #expect((answer.found ?? 0) <= 200_000)
                #expect((answer.found ?? 0) > 190_000, "seed \(seed): \(answer)")
            }
        }
    }

    @Test func aCeilingThatHoldsIsNoLimitOfThePath() {
        let answer = search(Path(rate: 10_000), ceiling: 5_000, seed: 1)
        #expect(answer.end == .plan)
        #expect(answer.found == 5_000)
        #expect(answer.trials == 2)
    }

    @Test func aPathThatLosesAtEveryRateHasNone() {
        for seed in 0..<100 as Range<UInt64> {
            var path = Path(rate: 10_000)
            path.lossChance = 1
            let answer = search(path, ceiling: 50_000, seed: seed)
            #expect(answer.end == .none, "seed \(seed): \(answer)")
            #expect(answer.found == nil)
            #expect(answer.trials < 24, "seed \(seed): \(answer.trials) trials")
        }
    }

    @Test func aLowestRateIsNotGoneBelow() {
        var path = Path(rate: 10_000)
        path.lossChance = 1
        let answer = search(path, ceiling: 50_000, floor: 9_000, seed: 1)
        #expect(answer.end == .none)
        #expect(answer.trials < 12)
    }

    @Test func tooFewTrialsAreUnfinished() {
        for most in 2...3 {
            let answer = search(Path(rate: 1_000), ceiling: 8_000, trialsMost: most, seed: 3)
            #expect(answer.end == .budget)
            #expect(answer.trials == most)
        }
    }

    /// A bound on a delay holds far below the capacity: what the path delivers says little.
    @Test func aLimitFarBelowTheDeliveredRateIsFound() {
        for share in [0.9, 0.6, 0.3, 0.1, 0.03] {
            var machine = RateSearch(
                RateSearch.Settings(
                    ceilingPps: 50_000, precision: 0.005, trialsMost: 40, repeatsLosses: false))
            var trials = 0
            loop: while true {
                switch machine.next() {
                case .end(let end, let found):
                    #expect(end == .path, "share \(share)")
                    let ratio = (found ?? 0) / (10_000 * share)
                    #expect(ratio <= 1 && ratio > 0.99, "share \(share): \(ratio)")
                    #expect(trials <= 24, "share \(share): \(trials)")
                    break loop
                case .trial(let trial):
                    trials += 1
                    let pps = trial.pps ?? 0
                    machine.take(
                        pps <= 10_000 * share ? .held : .failed, of: trial,
                        deliveredPps: min(pps, 10_000))
                }
            }
        }
    }
}
