import Glibc
import Harness
import Reports
import Testing

@testable import Lab
@testable import Loops
@testable import Metrics
@testable import Plans

/// The runner with a thousand hosts: the shipped agent on each, on one host without a kernel.
@Suite struct FleetSimulationTests {
    private struct Course {
        let report: Report
        let bytes: Int
        let cpuSeconds: Double
    }

    /// Runs a stream of so many hosts without a mishap.
    private func course(_ kind: PlanKind, hosts: Int) throws -> Course {
        let truth = try MadeUpRun(kind, hosts: hosts)
        let run = SimulatedRun(truth)
        let host = SimulatedHost(seed: UInt64(hosts)) { number, specification in
            let seed = UInt64(number)
            return specification.name.hasPrefix("agent of host")
                ? SimulatedAgent(specification.name, mishap: nil, seed: seed, of: run)
                : SimulatedWorker(name: specification.name, mishap: nil, seed: seed, of: run)
        }
        let runner = Runner(
            plan: truth.plan,
            start: StartChecks(of: truth.plan, support: { NamespaceSupport(way: .root) }),
            options: RunOptions(), interruption: Interruption(), host: host, onEvent: { _ in })
        let before = Self.cpuSeconds()
        let outcome = host.run { () -> Result<Judged<Report>, any Error> in
            do { return .success(try await runner.run().report) } catch { return .failure(error) }
        }
        let took = Self.cpuSeconds() - before
        host.runToTheEnd()
        #expect(host.left == [])
        #expect(run.notes == [])
        let judged = try #require(outcome).get()
        let text = Sealed(judged).text
        return Course(
            report: judged.document, bytes: text.utf8.count, cpuSeconds: took)
    }

    /// Of this thread, which runs all tasks of a simulated host: what the machine does beside it
    /// does not count.
    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test(
        "a thousand hosts are one stream, in a report of a few megabytes, at a cost for each host")
    func thousand() throws {
        let few = try course(.fleet, hosts: 125)
        let many = try course(.fleet, hosts: 1_000)
        for (course, hosts) in [(few, 125), (many, 1_000)] {
            let stream = try #require(course.report.runs.first?.streams.first)
            #expect(course.report.verdict == .pass, "\(course.report.reasons)")
            #expect(course.report.runs[0].streams.count == 1)
            #expect(stream.fleet?.hosts.count == hosts)
            #expect(stream.ledger.inTime == hosts * PlanKind.flows * PlanKind.perFlow)
            #expect(stream.ledger.imbalances() == [])
            #expect(course.report.hosts?.count == hosts)
        }
        #expect(many.bytes < 4 << 20, "\(many.bytes) B")
        // Eight times as many hosts: linear is 8, quadratic 64.
        let growth = many.cpuSeconds / few.cpuSeconds
        #expect(growth < 24, "\(few.cpuSeconds) s, \(many.cpuSeconds) s")
    }
}
