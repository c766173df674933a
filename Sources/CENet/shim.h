// libenet as Debian ships it. No logic: only what Swift cannot import by itself.
#ifndef TORII_CENET_SHIM_H
#define TORII_CENET_SHIM_H

#include <stddef.h>

#include <enet/enet.h>

/// Where the two buffers for datagrams begin in a host.
static const size_t torii_enet_packet_data_offset = offsetof(ENetHost, packetData);

#endif
