// clone_process(): a child in new namespaces, and the talk with it.
//
//   parent                                 child (in the new namespaces)
//   1  clone3 ─────────────────────────►   no ids, no rights over the host yet
//   2  in_parent(child): id maps, …        waits
//   3  Message::ParentDone ────────────►   in_child(): mounts, pivot, ids, exec
//      take_file(fd)             ◄──────   Message::File + an open file, if any
//      answer(question)          ◄─────►   Message::Question, as often as
//      needed
//   4  waits                     ◄──────   Message::Failed + the Error, or
//                                ◄──────   Message::Started, or
//                                ◄──────   the socket closes: exec has happened
//
// The same numbers stand in clone.cpp.
#pragma once

#include <functional>

#include "02-namespaces/namespaces.hpp"
#include "common/ledger.hpp"
#include "common/process.hpp"

namespace slipway {

enum class Message : char {
    ParentDone = 'P',  ///< the child may use its namespaces
    File = 'D',        ///< a descriptor for the parent comes with it
    Question = 'Q',    ///< the child waits for what the parent has to say
    Failed = 'F',      ///< followed by Error::encode()
    Started = 'S',     ///< it is as it shall be, and goes on as this program
};

struct CloneOptions {
    NamespaceSet namespaces;
    /// Start the child as a member of this control group (a directory of the
    /// v2 tree), or -1. A plain descriptor: this module knows no more of it.
    int cgroup_fd = -1;
    /// in_child() begins beside in_parent(), and calls wait_for_parent() itself
    /// before it does what needs the other to be done.
    bool begins_at_once = false;
    /// The child says started(). If it goes without a word, that is an error
    /// here; of one that becomes another program, its exit status will tell.
    bool says_started = false;
    /// clone_through(): what `prepare` sends is taken while it runs. For a
    /// filter that notifies, under which it may have to wait for an answer.
    bool hears_prepare = false;
};

/// What the child can ask of the other side.
class ParentLink {
  public:
    explicit ParentLink(UniqueFd socket) : socket_(std::move(socket)) {}
    /// Be killed when the parent ends. Ids that change undo it: call it again.
    void die_with_parent() const;
    /// Waits until in_parent() is done: 3 above. It ends when the parent has.
    void wait_for_parent();
    /// Hands an open file to the parent's `take_file`.
    void send_file(UniqueFd file) const;
    /// Waits until the parent has done something that only it can do, and
    /// returns what its `answer` says. Both texts may not be empty.
    std::string ask(const std::string& question) const;
    /// For a child that does not become another program, or later: what it has
    /// to say is said.
    void started();
    int socket() const { return socket_.get(); }

  private:
    UniqueFd socket_;
    bool parent_is_done_ = false;
};

/// Starts `in_child` in a new process with new namespaces and returns when it
/// has become another program. An Error of either side is thrown here; the
/// child is gone by then, and with it its namespaces and what is mounted there.
///
/// Throws Conflict when this process has other threads: the child would have
/// only this one, and wait forever for a lock that another one held.
/// clone3(2), Linux 5.3, with a cgroup_fd 5.7; without clone3, clone(2).
ChildProcess clone_process(
    Why why, CloneOptions options,
    const std::function<void(const ChildProcess&)>& in_parent,
    const std::function<void(ParentLink&)>& in_child,
    const std::function<void(UniqueFd)>& take_file = [](UniqueFd) {},
    const std::function<std::string(const ChildProcess&, const std::string&)>&
        answer = {});

/// The same by a process between us and the child: it runs `prepare`, then
/// clones the child, which is ours and not its own, and ends.
///
///   parent              between                     child
///   1  clone3 ────────► prepare()
///      waits            clone3, CLONE_PARENT ─────► waits
///                       ends
///   2  in_parent(child)
///   3  Message::ParentDone ───────────────────────► in_child()
///   4  as above
///
/// For a place whose processes may look into a newcomer from its first moment:
/// the one between is unseen still when it enters, and gives up and closes all
/// that the child is not to have. And for namespaces that are to belong to a
/// user namespace which is there already. `prepare` may send files, and not
/// ask.
ChildProcess clone_through(
    Why why, const CloneOptions& options,
    const std::function<void(ParentLink&)>& prepare,
    const std::function<void(const ChildProcess&)>& in_parent,
    const std::function<void(ParentLink&)>& in_child,
    const std::function<void(UniqueFd)>& take_file,
    const std::function<std::string(const ChildProcess&, const std::string&)>&
        answer = {});
/// What the one between gives to clone(2), for who wants to know whether a
/// filter allows that.
unsigned long sibling_flags(const NamespaceSet& namespaces);

}  // namespace slipway
