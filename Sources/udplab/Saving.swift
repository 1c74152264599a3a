import ArgumentParser
import Datagrams
import Lab
import Plans
import Reports
import Synchronization

/// The reports on a plan that is still running: a file beside the report, which is replaced as a
/// whole each time.
final class Saving: Sendable {
    private let soFar: ReportSoFar
    private let destination: ReportDestination
    private let hidden: HiddenTexts
    private let hasSaved = Mutex(false)
    private let hasFailed = Mutex(false)

    var path: String { destination.path }

    /// - Parameter every: The time between two reports, as typed.
    /// - Returns: Nil if the plan ends before the first of them, or none is wanted.
    /// - Throws: If the time is wrong, or the file cannot be written.
    init?(
        _ plan: Plan, beside report: ReportDestination, every: String, force: Bool
    ) throws {
        let everyNs = try TypedOption.durationNs(every, "--save-every", to: "168h")
        let needsNs = PlanBudget.of(plan).runTimeNs.map { Int64($0) }
        guard everyNs > 0, needsNs.map({ $0 > everyNs }) ?? true else { return nil }
        destination = report.besideIt("partial", force: true)
        try report.besideIt("partial", force: force).prepare().abandon()
        hidden = plan.hidden
        soFar = ReportSoFar(
            plan: plan, version: UDPLab.version, everyNs: everyNs, nowNs: LinuxClock().nowNs())
    }

    func take(_ event: LabEvent) {
        guard let report = soFar.take(event, atNs: LinuxClock().nowNs()) else { return }
        do throws(ReportFileError) {
            try destination.prepare().write(Array(Sealed(report, hiding: hidden).text.utf8))
            hasSaved.withLock { $0 = true }
        } catch {
            // Once, and not each time: the run goes on, and ends with its own report.
            let isFirst = hasFailed.withLock { failed in
                defer { failed = true }
                return !failed
            }
            if isFirst { Console.say("udplab: warning: \(error)") }
        }
    }

    /// Removes the file, after the report was written.
    func end() {
        if hasSaved.withLock({ $0 }) { destination.remove() }
    }
}
