package demo

import (
	"encoding/json"
	"fmt"
	"strings"

	"parley/backend/chat"
)

// thread is an exchange of two people: the lines alternate, the first is from's. Text between two asterisks is bold where the
// writer may format.
type thread struct {
	from, to string
	lines    []string
}

// room is the room of the demo: its id, which is the same in every demo, its name and its members. Who makes it stands first.
var room = struct {
	id      chat.ConversationID
	name    string
	members []string
}{"r.0193c0de-7a00-7000-8000-000000000001", "Glass and returns", []string{"liam", "elin", "birger", "winnie", "sigrun"}}

// roomHistory is what has been said in it, by whom.
var roomHistory = []struct{ from, line string }{
	{"liam", "I have made this room for everything about the glass doors, so that nobody has to be told twice."},
	{"elin", "Good. Batch 88 has the wrong tempering, the workshop confirmed it this morning."},
	{"birger", "Then hall 2 keeps all returns of that door. I have put a sign on bay 14."},
	{"sigrun", "I will tell both shifts. Should they promise a new door right away?"},
	{"liam", "Yes, right away. Only the photo first, please."},
	{"winnie", "There are 36 new doors on the shelf, and 60 more on Tuesday."},
}

// roomLines are what its members say now and then.
var roomLines = []string{
	"Two more doors came back this morning, both from batch 88",
	"The new padding holds: ten parcels, ten whole panes",
	"Does anybody have the number of the glazier in the harbour?",
	"I have put the photos of the hinges into the shared folder",
	"The carrier asks for upright transport only, I agreed",
	"Bay 14 is full. I am opening bay 15",
	"Customers ask whether the mirror comes from the same works. It does not",
	"The recall note is ready, please read it once before noon",
}

// history is what has been said before the first visitor looks. Who begins each thread may.
var history = []thread{
	{"liam", "mira", []string{
		"Hello Mira, quality here. You had two cracked cabinet doors this week, right?",
		"Yes, both glass, both from corner to corner. The boxes looked fine.",
		"Then it is the inner padding. Can you ask the next customer for the batch number? It is printed lower left, next to the hinge.",
		"Will do. **Should I send a new door** before we know?",
		"Yes, send it without asking. If it is batch 88 I want a photo as well.",
	}},
	{"ana", "mira", []string{
		"Your customer with the **oak sideboard** called again, I have put the note on her ticket",
		"Thank you! Did she say which day suits her?",
		"Thursday after four, and the driver should ring at the side door",
		"Booked. I owe you a coffee",
	}},
	{"sigrun", "mira", []string{
		"Good morning! Can you take the early shift on Monday? Jonas is away.",
		"Yes, gladly. Until when?",
		"Until two. Thank you, that helps a lot.",
	}},
	{"mira", "tomas", []string{
		"Van 7 is back at three, so there is room for one more stop in the harbour district",
		"Perfect, I will move the mirror there. It is the **gate code 4410** address",
		"Yes, that one. The dog is friendly",
	}},
	{"pia", "mira", []string{
		"The refund for order 88214 is approved, notes are on the ticket",
		"Great, I will tell him. Was it the full amount?",
		"Full amount, and the return is free of charge",
	}},
	{"jonas", "liam", []string{
		"Three returns of the same chair today, always the back left leg. Is that known?",
		"Known since yesterday. Please keep one of them for me, unopened.",
		"I have one on the shelf with your name on it",
	}},
	{"liam", "birger", []string{
		"Do you still have the cabinet from the March return? I would like to compare the padding.",
		"It is in hall 2, bay 14. I can have it on a trolley by noon.",
		"Noon is fine. Bring the box too, if it is still there.",
	}},
	{"winnie", "liam", []string{
		"The short hinges are back in stock, 400 of them",
		"Good timing. Put 20 aside for the recall, please.",
	}},
	{"ana", "elin", []string{
		"A customer asks whether the hall mirror may hang in a bathroom. May it?",
		"Only with the sealed back, item ending in -B. The other one goes blind within a year.",
		"That is exactly what I needed, thank you",
	}},
	{"saskia", "farid", []string{
		"An order to Norway hangs at customs since Tuesday, what do they want?",
		"The value on the invoice is without freight. Send them the second page, then it goes the same day.",
	}},
	{"stellan", "nour", []string{
		"Payments looks calm today. Would you help claims for an hour after lunch?",
		"Sure, I will move over at one",
	}},
	{"tove", "sigrun", []string{
		"Ruben's rights to write first are as you asked: deliveries and the web shop",
		"Thank you Tove, he noticed within a minute",
	}},
	{"stellan", "bram", []string{
		"Bram, your van list for the coast is approved",
		"Lovely, the drivers will be glad",
	}},
}

// openings are what the played people write to begin with, by role of the writer.
var openings = map[chat.Role][]string{
	chat.RoleAgent: {
		"Quick one: do you know when the next van leaves for the harbour?",
		"I have a customer who wants **two** deliveries on one day. Have we done that before?",
		"The label printer on our floor is fixed, in case you were waiting",
		"Someone called about order 90117 and asked for you by name",
		"Is the slot map up to date? Mine shows Friday as full",
		"My customer says the screws in the bag are too long. Seen that lately?",
		"Could you look over my reply on the oak table before I send it?",
		"The depot says the missing parcel turned up behind bay 9",
	},
	chat.RoleSupervisor: {
		"You did the hard call this morning very well, thank you",
		"We are four more in the queue than usual at this hour. Could you skip the meeting?",
		"Please have a look at the postponed ones before you leave",
		"The new shift plan is out. Tell me if anything does not suit you",
	},
	chat.RoleAdministrator: {
		"There is a short restart tonight at two. Nothing gets lost, you will hardly notice",
		"Your account is moved to the new sign-in. If anything is odd, write to me",
	},
	chat.RoleExpert: {
		"If you get another cabinet with a cracked door, I would like a photo of the frame",
		"The assembly sheet for the tall shelf had a mistake on page 3. The new one is online",
		"Batch 91 is fine, you can stop asking for the number",
		"I am in the workshop until four, so my answers may take a moment",
		"Please do not promise the glass shelf for next week, it is delayed at the border",
	},
}

// answers are what a played person writes to somebody at a desk of the demo who has written; they fit nearly everything.
var answers = map[chat.Role][]string{
	chat.RoleAgent: {
		"Yes, give me a minute, I have the customer on the line",
		"Good question. I will look and come back to you",
		"Thank you for telling me! I have noted it on the ticket",
		"Just tried it, **works** on my side",
		"Ha, the same happened to me yesterday",
		"Let me ask the depot, they answer quickly today",
		"Agreed, let us do it that way",
		"I think so, but Sigrun would know for certain",
	},
	chat.RoleSupervisor: {
		"Thank you, I will take it from here",
		"Fine with me. Write it on the ticket so the late shift sees it",
		"Let us talk about it in five minutes, I am just out of a call",
		"Good that you ask. **Yes**, please go ahead",
	},
	chat.RoleAdministrator: {
		"I can look at it right away. Did it happen more than once?",
		"That should be solved now. Please try again and tell me",
		"Noted, thank you. I will write to you when it is done",
	},
	chat.RoleExpert: {
		"That sounds like the padding again. A photo of the lower edge would help me",
		"I would send the part. It costs less than a second visit",
		"Give me ten minutes, I am next to the machine",
		"Yes, that is safe. Tell the customer to tighten it by hand only",
		"I have not seen that before. May I call the customer directly?",
		"Thank you, that is exactly the detail I was missing",
	},
}

// status is a work state somebody declares and comes back from.
type status struct {
	state  chat.WorkState
	reason string
}

// statuses are what people do beside writing, by whether they are agents.
var statuses = map[bool][]status{
	true: {
		{chat.WorkBreak, "Lunch"}, {chat.WorkBreak, "Coffee"}, {chat.WorkBreak, "Short walk"},
		{chat.WorkWorkingOffline, "Calling the depot"}, {chat.WorkWorkingOffline, "Training"}, {chat.WorkWrapUp, "Notes on the last call"},
	},
	false: {
		{chat.WorkBreak, "Lunch"}, {chat.WorkBreak, "On the way"},
		{chat.WorkWorkingOffline, "In the workshop"}, {chat.WorkWorkingOffline, "Meeting"},
	},
}

// content returns what to post for a line: with its bold parts where the role may format, plain otherwise.
func content(line string, role chat.Role) (text string, document json.RawMessage, err error) {
	parts := strings.Split(line, "**")
	if len(parts) == 1 || !role.Rich() {
		return strings.Join(parts, ""), nil, nil
	}
	paragraph := chat.DocumentNode{Type: chat.NodeParagraph}
	for i, part := range parts {
		if part == "" {
			continue
		}
		node := chat.DocumentNode{Type: chat.NodeText, Text: part}
		if i%2 == 1 {
			node.Marks = []chat.Mark{{Type: chat.MarkBold}}
		}
		paragraph.Content = append(paragraph.Content, node)
	}
	document, err = json.Marshal(chat.DocumentNode{Type: chat.NodeDoc, Content: []chat.DocumentNode{paragraph}})
	if err != nil {
		return "", nil, fmt.Errorf("encode a line: %w", err)
	}
	return strings.Join(parts, ""), document, nil
}
