// All who are attached to a container.
#pragma once

#include <list>
#include <string>
#include <string_view>

#include "06-engine/monitor/container_input.hpp"
#include "06-engine/monitor/outlet.hpp"
#include "06-engine/monitor/poller.hpp"
#include "06-engine/monitor/serve.hpp"
#include "common/process.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

class AttachedClients {
  public:
    /// The container, as far as clients reach it: all borrowed.
    struct Container {
        ChildProcess& init;
        ContainerInput& input;
        int terminal;  ///< whose size they may set; -1: none
    };
    explicit AttachedClients(const Container& container)
        : container_(container) {}

    /// Where others may attach; takes it.
    void listen_at(UniqueFd listener) { listener_ = std::move(listener); }
    /// Somebody who wants everything from the beginning.
    void add_first(UniqueFd socket);
    void add_local(const LocalClient& local);

    /// To each who wants it. `type`: attach_out or attach_err.
    void deal_out(char type, std::string_view bytes);
    /// Somebody has not taken all yet: the container has to wait.
    bool is_held_up() const;
    /// The same of this process's own output.
    bool is_local_held_up() const;

    void watch(Poller& poller);
    /// After each turn.
    void forget_gone();

    /// Nothing comes any more: no input, no new clients.
    void end_input();
    /// The last message to each.
    void say_exit_code(int code);
    /// Those who have not taken all yet are left to a process of its own, which
    /// ends when they have, or have gone.
    void leave_slow_ones_behind();
    /// See serve(). Over an exec, too, when there was nobody local.
    void leave_open();
    void drop_local();
    void release_memory() { std::string().swap(buffer_); }

  private:
    struct Client {
        Outlet outlet;
        int input = -1;  ///< to be read from: the socket, or our own stdin
        bool is_local = false;
        bool wants_out = false, wants_err = false, gives_input = false;
        bool is_gone = false;
    };
    void accept();
    void send(Client& client);
    void read(Client& client);
    void take_message(Client& client, std::string_view message);
    void deliver_and_exit() noexcept;

    Container container_;
    UniqueFd listener_;
    std::list<Client> clients_;
    bool takes_input_ = true;
    std::string buffer_;
};

}  // namespace slipway
