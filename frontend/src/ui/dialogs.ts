// The dialogs that are not needed for the first sight, loaded together.

export { default as deleteMessage } from "./conversation/DeleteMessage";
export { default as goToDate } from "./conversation/GoToDate";
export { default as versions } from "./conversation/Versions";
export { default as rooms } from "./rooms/FindRooms";
export { default as invite } from "./rooms/Invite";
export { default as leaveRoom } from "./rooms/LeaveRoom";
export { default as newRoom } from "./rooms/NewRoom";
export { default as roomMembers } from "./rooms/RoomMembers";
export { default as roomSettings } from "./rooms/RoomSettings";
export { default as devices } from "./settings/Devices";
export { default as notifications } from "./settings/Notifications";
export { default as password } from "./settings/Password";
export { default as secondFactor } from "./settings/SecondFactor";
export { default as shortcuts } from "./settings/Shortcuts";
export { default as signOut } from "./settings/SignOut";
