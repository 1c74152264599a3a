#ifndef UDPLAB_LINUX_H
#define UDPLAB_LINUX_H
int udplab_placeholder(void);
#endif
