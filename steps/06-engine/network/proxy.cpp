#include "06-engine/network/proxy.hpp"

#include <memory>
#include <utility>

#include "06-engine/network/event_loop.hpp"
#include "06-engine/network/tcp_proxy.hpp"
#include "06-engine/network/udp_proxy.hpp"

namespace slipway {

void run_proxy(std::vector<ProxiedPort> ports) {
    EventLoop loop;
    std::vector<std::unique_ptr<TcpProxy>> tcp;
    std::vector<std::unique_ptr<UdpProxy>> udp;
    for (ProxiedPort& port : ports)
        if (port.protocol == "udp")
            udp.push_back(std::make_unique<UdpProxy>(
                loop, std::move(port.socket), port.target));
        else
            tcp.push_back(std::make_unique<TcpProxy>(
                loop, std::move(port.socket), port.target));
    loop.run([&] {
        int wait = -1;
        for (auto& each : udp) {
            int next = each->expire();
            if (next >= 0 && (wait < 0 || next < wait)) wait = next;
        }
        return wait;
    });
}

}  // namespace slipway
