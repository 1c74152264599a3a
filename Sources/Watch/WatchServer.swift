import Datagrams
import Glibc
import Pictures
import Reports

/// The server of the live page: 127.0.0.1, a free port and a token, from before the first run until
/// after the last.
///
/// It is a server of udplab's own: one request per connection, and one thread with a poll(2) loop
/// that gives way to all others. NIOHTTP1 was not taken: it brings an event loop and a pool of
/// threads into a program of one file whose size is limited, for three places, and its parser takes
/// more than a browser sends. Nothing is drawn while nobody looks, and the figures are those that
/// the workers send to the runner once a second in any case: the data threads do nothing for it.
package final class WatchServer: Sendable {
    /// The address for a browser.
    package let address: String
    private let board: Board
    private let thread: DataThread
    /// The writing end of the pipe that wakes the thread at the end.
    private let wake: Int32

    /// Begins to serve.
    /// - Throws: If this host grants no port or no thread.
    package init(_ plan: LivePlan) throws(SystemFailure) {
        let listener = try LoopbackListener()
        let site = Site(authority: "\(listener.address)")
        let board = Board(plan)
        let (reading, writing) = try ProcessControl.pipe()
        self.board = board
        address = site.address
        wake = writing
        do throws(SystemFailure) {
            thread = try DataThread.start(
                name: "watch", cpu: nil, niceValue: DataThread.yieldingNiceValue
            ) {
                var loop = ServerLoop(
                    listener: listener, site: site, board: board, wake: reading)
                loop.run()
                close(reading)
            }
        } catch {
            close(reading)
            close(writing)
            throw error
        }
    }

    /// Changes the state of the plan.
    /// - Parameter hasRun: Whether the finished runs change.
    package func change(hasRun: Bool = false, _ body: (inout LivePlan) -> Void) {
        board.change(hasRun: hasRun, body)
    }

    /// Sends the finished page to those who look, and ends: within seconds, and at once if nobody
    /// looks. To be called once.
    package func end(_ report: Report, named name: String) {
        board.end(ReportPage(reports: [report], names: [name]).html())
        write(wake, [0], 1)
        close(wake)
        thread.join()
    }
}
